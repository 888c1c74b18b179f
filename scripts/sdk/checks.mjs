// Counting what holds, and what an SDK offers that nobody has looked at.
import { isDeepStrictEqual, inspect } from 'node:util';

const shown = (value) => inspect(value, { depth: 6, breakLength: 120 }).slice(0, 600);

export class Checks {
  passed = 0;
  failed = 0;

  constructor(title) {
    this.title = title;
  }

  holds(name, condition, detail = '') {
    if (condition) {
      this.passed += 1;
    } else {
      this.failed += 1;
      console.log(`  FAILED ${this.title}: ${name} ${detail}`.trimEnd());
    }
  }

  equal(name, actual, expected) {
    const detail = `\n    expected ${shown(expected)}\n    found    ${shown(actual)}`;
    this.holds(name, isDeepStrictEqual(actual, expected), detail);
  }

  // `call` rejects with an error of exactly this class, or with this name where the class is not exported, and with these
  // properties; the answer is that error.
  async rejects(name, kind, call, properties = {}) {
    let answer;
    try {
      answer = await call();
    } catch (error) {
      const found = Object.fromEntries(Object.keys(properties).map((key) => [key, error[key]]));
      const right = (error.constructor === kind || error.name === kind) && isDeepStrictEqual(found, properties);
      this.holds(name, right, `\n    rejected with ${error} ${shown(found)}`);
      return error;
    }
    this.holds(name, false, `\n    did not reject and answered ${shown(answer)}`);
    return undefined;
  }

  // One subject: what it throws unexpectedly is one failure, and the other subjects go on.
  async chapter(name, subject) {
    try {
      await subject();
    } catch (error) {
      this.holds(`${name}: ended early`, false, `\n${error.stack}`);
    }
  }

  verdict() {
    console.log(`${this.title}: ${this.passed} passed, ${this.failed} failed`);
  }
}

// The first answer of the question that is not empty, or the last one.
export async function eventually(question, seconds = 20) {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await question();
    if (answer.length > 0 || performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// A resource of the SDK that notes which of its methods are called.
export const watched = (name, resource, called) =>
  new Proxy(resource, {
    get(target, property) {
      const value = target[property];
      if (typeof value !== 'function') return value;
      called.add(`${name}.${property}`);
      return value.bind(target);
    },
  });

// The methods of a resource, getters that answer a function among them.
export function methods(name, resource) {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(resource));
  return names
    .filter((method) => method !== 'constructor' && typeof resource[method] === 'function')
    .map((method) => `${name}.${method}`);
}

// Everything that is offered was called or is excused; an excuse for something that works is stale.
export function coverage(checks, offered, called, excused) {
  const open = offered.filter((method) => !called.has(method) && !(method in excused));
  for (const method of open) checks.holds(`${method} is neither used here nor excused`, false);
  for (const method of Object.keys(excused)) {
    if (called.has(method)) checks.holds(`${method} is used and excused`, false);
    if (!offered.includes(method)) checks.holds(`${method} is excused and not offered`, false);
  }
  checks.holds('everything that the SDK offers is used or excused', open.length === 0);
  const reasons = grouped(excused);
  for (const [reason, names] of reasons) console.log(`  out of scope: ${names.join(', ')}: ${reason}`);
}

function grouped(excused) {
  const reasons = new Map();
  for (const [method, reason] of Object.entries(excused)) reasons.set(reason, [...(reasons.get(reason) ?? []), method]);
  return reasons;
}
