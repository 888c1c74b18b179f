//! The mission's checklist, as far as SCIM itself proves it: `wb_…` Workbench, `wt_…` Workato, `wo_…` WorkOS, `ws_…`
//! Workstream, `sk_…` Scalekit.

mod others;
mod workato;
mod workbench;
