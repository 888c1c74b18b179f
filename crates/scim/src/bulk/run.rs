//! From operations to results: what can be done next, and what became of it.

use std::collections::{HashMap, HashSet};

use super::path::{Kind, Target};
use super::request::{Content, Operation, Request};
use super::{Method, order, reference, response};
use crate::attr::excerpt;
use crate::version::Version;
use crate::{Error, Object};

/// A bulk request that is being carried out.
///
/// The order is that of the request, except that an operation waits for those whose resources it refers to. So that this
/// changes nothing else, a PUT, PATCH or DELETE also waits for earlier operations on the same resource, or on one that it
/// names, when these have to wait (RFC 7644 section 3.7: the result is as if done in order).
#[derive(Debug)]
pub struct Run {
    operations: Vec<Operation>,
    steps: std::vec::IntoIter<order::Together>,
    /// Where each bulkId of a POST stands.
    sources: HashMap<String, usize>,
    /// The ids of the resources that were made, by bulkId.
    ids: HashMap<String, String>,
    /// What each operation refers to.
    references: Vec<HashSet<String>>,
    results: Vec<Option<Result<Done, Failure>>>,
    errors: u64,
    fail_on_errors: Option<u64>,
}

/// What can be done now.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// One operation.
    One(Job),
    /// Resources that refer to each other: they are made together or not at all (RFC 7644 section 3.7.1).
    Circle(Vec<Circle>),
}

/// One operation, every reference in it replaced by an id.
#[derive(Debug, PartialEq)]
pub struct Job {
    /// Its place in the request, from 0.
    pub index: usize,
    /// What it does.
    pub method: Method,
    /// To what kind of resource.
    pub kind: Kind,
    /// To which one; empty for POST.
    pub id: String,
    /// An entity tag, as `If-Match` has it.
    pub version: Option<String>,
    /// The body of the single request; empty for DELETE.
    pub data: Object,
}

/// One of several resources that refer to each other, or one that refers to itself.
#[derive(Debug, PartialEq)]
pub struct Circle {
    /// The place of its operation in the request, from 0.
    pub index: usize,
    /// Under which name the others refer to it.
    pub bulk_id: String,
    /// What kind of resource it is.
    pub kind: Kind,
    /// What can be made before the others are there.
    pub first: Object,
    /// All of it, in which [`substitute`](super::substitute) puts the ids of the circle.
    pub whole: Object,
}

/// An operation that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The id of the resource.
    pub id: String,
    /// Its version now; `None` when it is gone.
    pub version: Option<i64>,
}

/// An operation that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status of the single request.
    pub status: u16,
    /// The keyword, where one fits.
    pub scim_type: Option<&'static str>,
    /// What is wrong, in words.
    pub detail: String,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { status: error.status(), scim_type: Some(error.scim_type()), detail: error.detail().to_owned() }
    }
}

impl Run {
    /// Finds out what refers to what, and puts the operations in order.
    pub fn new(request: Request) -> Self {
        let Request { fail_on_errors, mut operations } = request;
        let posts = operations.iter().enumerate().filter(|(_, operation)| operation.method == Some(Method::Post));
        let sources: HashMap<String, usize> =
            posts.filter_map(|(index, operation)| Some((operation.bulk_id.clone()?, index))).collect();
        let references: Vec<HashSet<String>> = operations.iter_mut().map(references).collect();
        let steps = order::steps(&waiting(&operations, &references, &sources));
        Self {
            results: operations.iter().map(|_| None).collect(),
            steps: steps.into_iter(),
            ids: HashMap::new(),
            errors: 0,
            operations,
            sources,
            references,
            fail_on_errors,
        }
    }

    /// What can be done now. What cannot be done at all gets its result on the way. `None` at the end, and when there were
    /// as many errors as `failOnErrors` says.
    pub fn next_step(&mut self) -> Option<Step> {
        while self.fail_on_errors.is_none_or(|most| self.errors < most) {
            let together = self.steps.next()?;
            let step = self.step(&together);
            if step.is_some() {
                return step;
            }
        }
        None
    }

    /// These operations as a step; `None` when they cannot be done at all: then they have their results.
    fn step(&mut self, together: &[usize]) -> Option<Step> {
        let mut contents = self.contents(together)?;
        match together {
            [index] if !self.refers_to_itself(*index) => contents.pop().map(|content| self.job(*index, content)),
            _ => Some(self.circle(together, contents)),
        }
    }

    /// What can be begun now, at most `most` steps, to be done in this order without an answer in between: none of them refers to
    /// another. A circle comes alone, and so does every step when `failOnErrors` may end the job behind it (RFC 7644 section 3.7.3:
    /// what stands behind the last error must not have happened). Empty where [`next_step`](Self::next_step) is `None`.
    pub fn next_steps(&mut self, most: usize) -> Vec<Step> {
        let mut begun = HashSet::new();
        let mut steps = Vec::new();
        match self.next_step() {
            Some(Step::One(job)) if self.fail_on_errors.is_none() => {
                begun.insert(job.index);
                steps.push(Step::One(job));
            }
            other => return other.into_iter().collect(),
        }
        while steps.len() < most && self.is_next_free(&begun) {
            let Some(together) = self.steps.next() else { break };
            begun.extend(&together);
            steps.extend(self.step(&together));
        }
        steps
    }

    /// Whether the next step is a single operation that refers neither to those that were begun nor to itself.
    fn is_next_free(&self, begun: &HashSet<usize>) -> bool {
        let Some([index]) = self.steps.as_slice().first().map(Vec::as_slice) else { return false };
        let names = self.references.get(*index).into_iter().flatten();
        !names.filter_map(|name| self.sources.get(name)).any(|source| source == index || begun.contains(source))
    }

    /// An operation has been done.
    pub fn done(&mut self, index: usize, done: Done) {
        let Some(operation) = self.operations.get(index) else { return };
        if let (Some(Method::Post), Some(bulk_id)) = (operation.method, &operation.bulk_id) {
            self.ids.insert(bulk_id.clone(), done.id.clone());
        }
        self.record(index, Ok(done));
    }

    /// An operation has failed, and has changed nothing.
    pub fn failed(&mut self, index: usize, failure: Failure) {
        self.record(index, Err(failure));
    }

    /// A circle has failed because of one of its operations: the others have failed because of that one.
    pub fn circle_failed(&mut self, circle: &[usize], culprit: usize, failure: &Failure) {
        let name = self.operations.get(culprit).and_then(|operation| operation.bulk_id.clone()).unwrap_or_default();
        for index in circle {
            self.failed(*index, if *index == culprit { failure.clone() } else { source_failed(&name) });
        }
    }

    /// The response: the results of the operations that were tried, in the order of the request. `base` is the absolute
    /// URL in front of all locations, without a slash at its end.
    pub fn response(self, version: Version, base: &str) -> Object {
        let tried = self.operations.iter().zip(&self.results);
        let results = tried
            .filter_map(|(operation, outcome)| Some(response::result(version, base, operation, outcome.as_ref()?)));
        response::envelope(version, results.collect())
    }

    fn record(&mut self, index: usize, outcome: Result<Done, Failure>) {
        self.errors += u64::from(outcome.is_err());
        if let Some(result) = self.results.get_mut(index) {
            *result = Some(outcome);
        }
    }

    fn refers_to_itself(&self, index: usize) -> bool {
        self.references.get(index).is_some_and(|names| names.iter().any(|name| self.sources.get(name) == Some(&index)))
    }

    /// What these operations ask for, or `None` when one of them cannot be done: then all of them have their results.
    fn contents(&mut self, together: &[usize]) -> Option<Vec<Content>> {
        let mut contents = Vec::with_capacity(together.len());
        let mut culprit = None;
        for index in together {
            match self.content(*index, together) {
                Ok(content) => contents.push(content),
                Err(failure) => culprit = culprit.or(Some((*index, failure))),
            }
        }
        match culprit {
            None => Some(contents),
            Some((index, failure)) => {
                self.circle_failed(together, index, &failure);
                None
            }
        }
    }

    /// What one operation asks for, with the references that can be replaced.
    fn content(&mut self, index: usize, together: &[usize]) -> Result<Content, Failure> {
        for name in self.references.get(index).into_iter().flatten() {
            let source = self.sources.get(name).ok_or_else(|| unknown(name))?;
            if together.binary_search(source).is_err() && !self.ids.contains_key(name) {
                return Err(source_failed(name));
            }
        }
        let taken = Err(Error::invalid_syntax("taken"));
        let operation = self.operations.get_mut(index).map(|operation| &mut operation.content);
        let mut content = operation.map_or(taken.clone(), |content| std::mem::replace(content, taken))?;
        reference::substitute(&mut content.data, &self.ids);
        Ok(content)
    }

    fn job(&self, index: usize, content: Content) -> Step {
        let Content { method, target: Target { kind, resource }, version, data } = content;
        let id = resource.map_or(String::new(), |named| match named.bulk_id() {
            Some(name) => self.ids.get(name).cloned().unwrap_or_default(),
            None => named.name,
        });
        Step::One(Job { index, method, kind, id, version, data })
    }

    fn circle(&self, together: &[usize], contents: Vec<Content>) -> Step {
        let operations = together.iter().filter_map(|index| self.operations.get(*index));
        let names: HashSet<&str> = operations.filter_map(|operation| operation.bulk_id.as_deref()).collect();
        let circle = together.iter().zip(contents).map(|(index, content)| Circle {
            index: *index,
            bulk_id: self.operations.get(*index).and_then(|operation| operation.bulk_id.clone()).unwrap_or_default(),
            kind: content.target.kind,
            first: reference::without(content.data.clone(), &names),
            whole: content.data,
        });
        Step::Circle(circle.collect())
    }
}

/// The bulkIds that an operation refers to. Data that is nested too deep makes an operation that cannot be read.
fn references(operation: &mut Operation) -> HashSet<String> {
    let mut names = HashSet::new();
    let Ok(content) = &operation.content else { return names };
    names.extend(content.target.resource.as_ref().and_then(|named| named.bulk_id()).map(str::to_owned));
    let walked = reference::each_text(&content.data, |key, text| {
        names.extend(reference::named(key, text).into_iter().map(str::to_owned));
    });
    if let Err(error) = walked {
        operation.content = Err(error);
        names.clear();
    }
    names
}

/// Which operations each one comes after.
fn waiting(
    operations: &[Operation],
    references: &[HashSet<String>],
    sources: &HashMap<String, usize>,
) -> Vec<Vec<usize>> {
    let targets: HashSet<&str> = operations.iter().filter_map(target).collect();
    // Who has to do with a resource: the last to change it, and the POSTs since that name it. A POST changes no resource
    // that is there already, so it waits for what it refers to and for nothing else.
    let mut concerned: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut waits_for = Vec::with_capacity(operations.len());
    for (index, operation) in operations.iter().enumerate() {
        let names = references.get(index).into_iter().flatten();
        let mut others: Vec<usize> = names.filter_map(|name| sources.get(name).copied()).collect();
        let is_post = operation.method == Some(Method::Post);
        for resource in resources(operation, &targets) {
            let earlier = concerned.entry(resource).or_default();
            if !is_post {
                others.append(earlier);
            }
            earlier.push(index);
        }
        others.sort_unstable();
        others.dedup();
        waits_for.push(others);
    }
    waits_for
}

fn target(operation: &Operation) -> Option<&str> {
    Some(operation.target.as_ref()?.resource.as_ref()?.name.as_str())
}

/// The resources that an operation changes or names, of those that some operation changes.
fn resources<'o>(operation: &'o Operation, targets: &HashSet<&str>) -> HashSet<&'o str> {
    let mut found: HashSet<&str> = target(operation).into_iter().collect();
    if let Ok(content) = &operation.content {
        // Too deep is refused elsewhere.
        let _ = reference::each_text(&content.data, |_, text| found.extend(targets.contains(text).then_some(text)));
    }
    found
}

fn unknown(name: &str) -> Failure {
    let name = excerpt(name);
    Error::invalid_value(format!("bulkId:{name} is the bulkId of no POST operation in this request")).into()
}

/// 409, without a keyword (scim-requirements 8.1).
fn source_failed(name: &str) -> Failure {
    let name = excerpt(name);
    Failure {
        status: 409,
        scim_type: None,
        detail: format!("not done, because the operation with the bulkId `{name}`, to which it refers, failed"),
    }
}
