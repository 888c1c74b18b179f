// The unmodified npm `@workos-inc/node` drives a running Doorward through everything that both have.
// What it finds there comes as JSON on the standard input.
import { readFileSync } from 'node:fs';

import * as sdk from '@workos-inc/node';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

import { Checks, coverage, eventually, methods, watched } from './checks.mjs';
import { Provider, Receiver, http } from './stage.mjs';

const MODULES = ['directorySync', 'organizations', 'organizationDomains', 'events', 'webhooks', 'portal'];
const PEOPLE = ['dsync.user.created', 'dsync.user.updated', 'dsync.user.deleted'];
const GROUPS = ['dsync.group.created', 'dsync.group.updated', 'dsync.group.deleted'];
const MEMBERSHIPS = ['dsync.group.user_added', 'dsync.group.user_removed'];

// Whole modules of other products.
const ELSEWHERE = [
  'actions', 'apiKeys', 'auditLogs', 'authorization', 'featureFlags', 'fga', 'mfa', 'passwordless', 'pipes', 'pkce', 'sso',
  'userManagement', 'vault', 'widgets',
];
const DOMAINS = 'domains are set with their organization, as domainData';
const KEYS = 'keys that the application gives to its own users';
const EXCUSED = {
  'organizationDomains.get': DOMAINS,
  'organizationDomains.verify': DOMAINS,
  'organizationDomains.create': DOMAINS,
  'organizationDomains.delete': DOMAINS,
  'organizations.listOrganizationFeatureFlags': 'feature flags',
  'organizations.listOrganizationApiKeys': KEYS,
  'organizations.createOrganizationApiKey': KEYS,
};

const stage = JSON.parse(readFileSync(0, 'utf8'));
const checks = new Checks('npm @workos-inc/node');
const provider = new Provider(stage.directory);
const client = clientOf(stage);
const called = new Set();
const [directorySync, organizations, , events, webhooks, portal] = MODULES.map((name) => watched(name, client[name], called));

function clientOf({ url, api_key }) {
  const { hostname, port, protocol } = new URL(url);
  return new sdk.WorkOS(api_key, { apiHostname: hostname, port: Number(port), https: protocol === 'https:' });
}

const ids = (list) => list.map(({ id }) => id);
const sorted = (list) => [...list].sort();

// ---- directory sync -----------------------------------------------------------------------------------------------------

async function directories() {
  const page = await directorySync.listDirectories({ organizationId: stage.organization });
  checks.equal('directories of the organization', ids(page.data), [stage.directory.id]);
  const directory = await directorySync.getDirectory(stage.directory.id);
  checks.equal('a directory is the same in the list and alone', directory, page.data[0]);
  // The SDK shows `linked` as `active`, which is what it is called in events.
  checks.equal('state after the first sync', directory.state, 'active');
  checks.equal('type', directory.type, 'okta scim v2.0');
  checks.equal('organization', directory.organizationId, stage.organization);
  const found = await directorySync.listDirectories({ search: stage.directory.name.toUpperCase() });
  checks.equal('search by name', ids(found.data), [stage.directory.id]);
  checks.equal('the answer to a deletion', await directorySync.deleteDirectory(stage.spare_directory.id), undefined);
  const gone = await directorySync.getDirectory(stage.spare_directory.id);
  checks.equal('a deleted directory says so', gone.state, 'deleting');
}

async function users() {
  const directory = stage.directory.id;
  const newest = await walk('listUsers', (options) => directorySync.listUsers({ directory, ...options }), 100);
  const meant = new Map((await provider.all('Users')).map((user) => [user.id, user]));
  checks.equal('wt_31: every person is listed', sorted(ids(newest)), sorted(meant.keys()));
  const active = newest.filter(({ state }) => state === 'active');
  const left = [...meant.values()].filter((user) => user.active ?? true);
  checks.equal('who may enter is whom the provider left active', sorted(ids(active)), sorted(ids(left)));
  const some = newest[7];
  checks.equal('a person is the same in the list and alone', await directorySync.getUser(some.id), some);
  checks.equal('the document as it came', some.rawAttributes.userName, meant.get(some.id).userName);
}

async function groups() {
  const directory = stage.directory.id;
  const all = await walk('listGroups', (options) => directorySync.listGroups({ directory, ...options }), 5);
  const meant = new Map((await provider.all('Groups')).map((group) => [group.id, group]));
  const names = (list, name) => sorted(list.map((group) => `${group.id} ${group[name]}`));
  checks.equal('every group is listed', names(all, 'name'), names([...meant.values()], 'displayName'));
  checks.equal('a group alone', await directorySync.getGroup(all[0].id), all[0]);
  const [id, group] = [...meant].find(([, { members }]) => members?.length > 0);
  const members = await (await directorySync.listUsers({ group: id })).autoPagination();
  checks.equal('members of a group', sorted(ids(members)), sorted(group.members.map(({ value }) => value)));
  const person = members[0];
  const theirs = [...meant.values()].filter(({ members }) => members?.some(({ value }) => value === person.id));
  const listed = await (await directorySync.listGroups({ user: person.id })).autoPagination();
  checks.equal('groups of a person', sorted(ids(listed)), sorted(ids(theirs)));
  checks.equal('groups shown with a person', sorted(ids(person.groups)), sorted(ids(theirs)));
}

// Everything, newest first, with both orders, both directions and the SDK's own paging held against each other.
async function walk(name, list, limit) {
  const all = await (await list({})).autoPagination();
  checks.holds(`${name}: there are several pages`, all.length > 2 * limit, `${all.length} of ${limit}`);
  checks.equal(`${name}: nothing twice`, new Set(ids(all)).size, all.length);
  const oldest = await (await list({ order: 'asc' })).autoPagination();
  checks.equal(`${name}: both orders`, ids(oldest).reverse(), ids(all));
  const forward = [];
  for (let after; after !== null; ) {
    const page = await list({ limit, after });
    forward.push(...ids(page.data));
    after = page.listMetadata.after;
  }
  checks.equal(`${name}: forward by \`after\``, forward, ids(all));
  const backward = [all.at(-1).id];
  while (backward[0] !== all[0].id) {
    const page = await list({ limit, before: backward[0] });
    if (page.data.length === 0) break;
    backward.unshift(...ids(page.data));
  }
  checks.equal(`${name}: backward by \`before\``, backward, ids(all));
  return all;
}

// ---- events -------------------------------------------------------------------------------------------------------------

async function allEvents(options) {
  const all = [];
  for (let after; after !== null; ) {
    const page = await events.listEvents({ limit: 100, after, ...options });
    all.push(...page.data);
    after = page.listMetadata.after;
  }
  return all;
}

async function log() {
  const types = [...PEOPLE, ...GROUPS, ...MEMBERSHIPS];
  const all = (await allEvents({ events: types })).filter(({ data }) => data.directoryId === stage.directory.id);
  const people = new Map();
  const members = new Set();
  for (const { event, data } of all) {
    if (event === 'dsync.user.deleted') people.delete(data.id);
    else if (PEOPLE.includes(event)) people.set(data.id, data.state);
    else if (event === 'dsync.group.user_added') members.add(`${data.group.id} ${data.user.id}`);
    else if (event === 'dsync.group.user_removed') members.delete(`${data.group.id} ${data.user.id}`);
  }
  const now = await (await directorySync.listUsers({ directory: stage.directory.id })).autoPagination();
  const states = now.map(({ id, state }) => `${id} ${state}`);
  checks.equal("sk_12: the log tells everybody's state", sorted([...people].map((pair) => pair.join(' '))), sorted(states));
  const memberships = now.flatMap((user) => user.groups.map((group) => `${group.id} ${user.id}`));
  checks.equal('sk_12: the log tells every membership', sorted(members), sorted(memberships));
  const updated = all.filter(({ event }) => event === 'dsync.user.updated');
  checks.holds('updates say what was before', updated.length > 0 && updated.every(({ data }) => data.previousAttributes));
  const [one, two] = await Promise.all([
    allEvents({ events: ['dsync.group.created'], organizationId: stage.organization }),
    allEvents({ events: ['dsync.group.created'], organizationId: stage.organization, rangeEnd: '2020-01-01T00:00:00.000Z' }),
  ]);
  checks.equal('of one type and organization', new Set(one.map(({ event }) => event)), new Set(['dsync.group.created']));
  checks.equal('of a time long ago', two, []);
}

// ---- organizations ------------------------------------------------------------------------------------------------------

async function customers() {
  const payload = {
    name: 'Node Example',
    domainData: [{ domain: 'node.example.com', state: 'verified' }],
    metadata: { tier: 'gold' },
    externalId: 'customer-node',
  };
  const made = await organizations.createOrganization(payload, { idempotencyKey: 'node-1' });
  const again = await organizations.createOrganization(payload, { idempotencyKey: 'node-1' });
  checks.equal('the same idempotency key makes it once', again, made);
  const { name, metadata, domains } = made;
  checks.equal('name and metadata', { name, metadata }, { name: 'Node Example', metadata: { tier: 'gold' } });
  checks.equal('domains', domains.map(({ domain, state }) => [domain, state]), [['node.example.com', 'verified']]);
  checks.equal('an organization alone', await organizations.getOrganization(made.id), made);
  checks.equal('by external id', await organizations.getOrganizationByExternalId('customer-node'), made);
  const byDomain = await organizations.listOrganizations({ domains: ['node.example.com'] });
  checks.equal('by domain', ids(byDomain.data), [made.id]);
  const taken = () => organizations.createOrganization({ name: 'B', domainData: payload.domainData });
  await checks.rejects('a domain of another organization is refused', 'ConflictException', taken, { status: 409 });
  const changed = await organizations.updateOrganization({ organization: made.id, name: 'Changed', externalId: null });
  checks.equal('changed', [changed.name, changed.externalId, changed.metadata], ['Changed', null, { tier: 'gold' }]);
  for (let number = 0; number < 12; number += 1) await organizations.createOrganization({ name: `Page ${number}` });
  await walk('listOrganizations', (options) => organizations.listOrganizations(options), 5);
  const roles = await organizations.listOrganizationRoles({ organizationId: made.id });
  checks.holds('roles of an organization', Array.isArray(roles.data));
  checks.equal('the answer to a deletion', await organizations.deleteOrganization(made.id), undefined);
  await notFound('a deleted organization', () => organizations.getOrganization(made.id));
  const told = await allEvents({ events: ['organization.created', 'organization.updated', 'organization.deleted'] });
  const types = told.filter(({ data }) => data.id === made.id).map(({ event }) => event.split('.')[1]);
  checks.equal('events of an organization', types, ['created', 'updated', 'deleted']);
}

// ---- errors -------------------------------------------------------------------------------------------------------------

const notFound = (name, call) =>
  checks.rejects(`${name} is unknown`, sdk.NotFoundException, call, { status: 404, code: 'entity_not_found' });

async function errors() {
  const stranger = clientOf({ url: stage.url, api_key: 'sk_wrong' });
  const peek = () => stranger.organizations.listOrganizations();
  await checks.rejects('a wrong key', sdk.UnauthorizedException, peek, { status: 401 });
  await notFound('an organization', () => organizations.getOrganization('org_01H0000000000000000000000A'));
  await notFound('an external id', () => organizations.getOrganizationByExternalId('nobody'));
  await notFound('a directory', () => directorySync.getDirectory('directory_01H0000000000000000000000A'));
  await notFound('a person', () => directorySync.getUser('directory_user_01H0000000000000000000000A'));
  await notFound('a group', () => directorySync.getGroup('somebody'));
  const unprocessable = sdk.UnprocessableEntityException;
  await checks.rejects('users of nothing', unprocessable, () => directorySync.listUsers({}), { status: 422 });
  await checks.rejects('no name', unprocessable, () => organizations.createOrganization({ name: '' }), { status: 422 });
  await organizations.createOrganization({ name: 'Once' }, { idempotencyKey: 'node-2' });
  const other = () => organizations.createOrganization({ name: 'Twice' }, { idempotencyKey: 'node-2' });
  await checks.rejects('another body for the same key', unprocessable, other, { status: 422 });
}

async function tooMany() {
  const hasty = clientOf(stage.limited);
  const hurry = () => Promise.all(Array.from({ length: 100 }, () => hasty.organizations.listOrganizations({ limit: 1 })));
  const error = await checks.rejects('too many requests', sdk.RateLimitExceededException, hurry, { status: 429 });
  checks.holds('429 says when to come again', error?.retryAfter >= 1, `${error?.retryAfter}`);
}

// ---- webhooks -----------------------------------------------------------------------------------------------------------

async function deliveries() {
  const receiver = await Receiver.listening();
  try {
    // The SDK does not manage endpoints.
    const kinds = ['dsync.user.created', 'dsync.user.updated'];
    const wanted = { endpoint_url: receiver.url, events: kinds };
    const { id, secret } = await http('POST', `${stage.url}/webhook_endpoints`, stage.api_key, wanted);
    // The SDK signs what JSON.stringify makes of the parsed body, not the body: it must be written exactly so.
    const numbers = '"whole":1.0,"tiny":1e-7,"large":1E21,"exact":12345678901234567890,"minus":-0.0';
    const odd = `{"b":"two","2":"two","1":"one","text":"\u2028é\\u0001",${numbers}}`;
    const person = await provider.create('webhook.node@example.com', { 'urn:example:odd': 'ODD' }, ['"ODD"', odd]);
    await provider.rename(person, 'Changed');
    for (const kind of kinds) {
      const found = await eventually(() => receiver.about(kind, person));
      checks.equal(`deliveries of ${kind}`, found.length, 1);
      await signatures(secret, found[0], person);
    }
    await http('DELETE', `${stage.url}/webhook_endpoints/${id}`, stage.api_key);
    await provider.delete(person);
  } finally {
    receiver.close();
  }
}

// What Doorward signed is taken by the SDK and by the Standard Webhooks library, and nothing else is.
async function signatures(secret, { headers, body }, person) {
  const sigHeader = headers['workos-signature'];
  const verify = (changed) => webhooks.constructEvent({ payload: JSON.parse(body), sigHeader, secret, ...changed });
  const event = await verify({});
  checks.equal('the event that was verified', [event.data.id, event.id], [person, headers['webhook-id']]);
  checks.equal('its header alone', await webhooks.verifyHeader({ payload: JSON.parse(body), sigHeader, secret }), true);
  const [timestamp, digest] = webhooks.getTimestampAndSignatureHash(sigHeader);
  checks.equal('its digest', await webhooks.computeSignature(timestamp, JSON.parse(body), secret), digest);
  const tampered = {
    'another body': { payload: JSON.parse(body.replace('active', 'absent')) },
    'another secret': { secret: `${secret.slice(0, -4)}AAA=` },
    'another time': { sigHeader: `t=${timestamp - 1}, v1=${digest}` },
    'another digest': { sigHeader: `t=${timestamp}, v1=${'0'.repeat(64)}` },
    'an old delivery': { tolerance: -1000 },
  };
  for (const [name, change] of Object.entries(tampered)) {
    await checks.rejects(`${name} is refused`, sdk.SignatureVerificationException, () => verify(change));
  }
  const standard = new Webhook(secret);
  checks.equal('Standard Webhooks', standard.verify(body, headers).id, event.id);
  const refused = (name, text, changed) => {
    const again = async () => standard.verify(text, { ...headers, ...changed });
    return checks.rejects(`Standard Webhooks: ${name}`, WebhookVerificationError, again);
  };
  await refused('another body', `${body} `, {});
  await refused('another time', body, { 'webhook-timestamp': `${Number(headers['webhook-timestamp']) + 1}` });
  await refused('another id', body, { 'webhook-id': 'x' });
}

// ---- the portal, and the rest of the SDK ----------------------------------------------------------------------------------

async function links() {
  const back = 'https://app.example.com/settings';
  const wanted = { organization: stage.organization, intent: 'dsync', returnUrl: back, successUrl: back };
  const { link } = await portal.generateLink(wanted);
  checks.holds('a link is on this server', link.startsWith(`${stage.url}/setup/`), link);
  const unknown = () => portal.generateLink({ organization: 'org_01H0000000000000000000000A', intent: 'dsync' });
  await notFound('the organization of a link', unknown);
}

function scope() {
  const modules = Object.keys(client).filter((name) => typeof client[name] === 'object' && !['options', 'client'].includes(name));
  for (const name of modules.filter((name) => !MODULES.includes(name) && !ELSEWHERE.includes(name))) {
    checks.holds(`the module ${name} is new: cover it or say why not`, false);
  }
  coverage(checks, MODULES.flatMap((name) => methods(name, client[name])), called, EXCUSED);
  console.log(`  out of scope as a whole: ${ELSEWHERE.join(', ')}`);
}

for (const chapter of [directories, users, groups, log, customers, errors, deliveries, links, tooMany]) {
  await checks.chapter(chapter.name, chapter);
}
scope();
checks.verdict();
process.exitCode = checks.failed > 0 ? 1 : 0;
