// The identity provider's side of the running Doorward, and a webhook endpoint on loopback.
import { createServer } from 'node:http';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

// The parsed answer; an error status is thrown.
export async function http(method, url, credential, body, mediaType = 'application/json') {
  const headers = { authorization: `Bearer ${credential}`, 'content-type': mediaType };
  const answer = await fetch(url, { method, headers, body: typeof body === 'object' ? JSON.stringify(body) : body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

export class Provider {
  constructor({ endpoint, token }) {
    this.endpoint = endpoint;
    this.token = token;
  }

  scim(method, path, body) {
    return http(method, `${this.endpoint}/${path}`, this.token, body, 'application/scim+json');
  }

  // `replaced` is a part of the JSON and what it becomes, for what JSON.stringify would not write.
  async create(userName, attributes = {}, replaced = ['', '']) {
    const name = { givenName: userName.split('@')[0], familyName: 'Example' };
    const user = { schemas: [USER], userName, name, active: true, ...attributes };
    return (await this.scim('POST', 'Users', JSON.stringify(user).replace(...replaced))).id;
  }

  rename(user, value) {
    const Operations = [{ op: 'replace', path: 'name.familyName', value }];
    return this.scim('PATCH', `Users/${user}`, { schemas: [PATCH], Operations });
  }

  delete(user) {
    return this.scim('DELETE', `Users/${user}`);
  }

  // Every resource of a kind, as the provider would import them.
  async all(resource) {
    const found = [];
    for (;;) {
      const page = await this.scim('GET', `${resource}?startIndex=${found.length + 1}&count=100`);
      found.push(...(page.Resources ?? []));
      if (found.length >= page.totalResults || !page.Resources?.length) return found;
    }
  }
}

export class Receiver {
  deliveries = [];

  static async listening() {
    const receiver = new Receiver();
    receiver.server = createServer(async (request, response) => {
      const chunks = await all(request);
      receiver.deliveries.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(204).end();
    });
    await new Promise((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/webhooks`;
    return receiver;
  }

  // The deliveries of one type about one object.
  about(type, id) {
    return this.deliveries.filter(({ body }) => {
      const event = JSON.parse(body);
      return event.event === type && event.data.id === id;
    });
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}
