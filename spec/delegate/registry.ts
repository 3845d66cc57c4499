import type {Answer} from '../../src/testing/answer.js';
import {ScriptedServer, type RecordedRequest} from '../../src/testing/scripted-server.js';

/** A server that wants a bearer token which it hands out itself, as container registries do. */
export interface Registry {
  readonly server: ScriptedServer;
  /** The token that is good now. */
  token: string;
  /** What the token endpoint answers; by default the token, in JSON. */
  grant: (request: RecordedRequest) => Answer | Promise<Answer>;
  readonly tokenRequests: RecordedRequest[];
}

/** `/v2/<repository>/…` wants the token and names `/token` as the realm; the scope is the repository's. */
export async function startRegistry(): Promise<Registry> {
  const server = await ScriptedServer.start();
  const registry: Registry = {
    server, token: 'token-1',
    grant: () => ({body: JSON.stringify({token: registry.token})}),
    get tokenRequests() { return server.requestsFor('/token'); },
  };
  server.on('/token', (request) => registry.grant(request));
  server.on('*', (request) => {
    if (request.headers.authorization === `Bearer ${registry.token}`) return {body: `blob of ${request.path}`};
    const scope = `repository:${request.path.split('/')[2] ?? ''}:pull`;
    return {status: 401, headers: {'WWW-Authenticate': `Bearer realm="${server.url('/token')}",service="local",scope="${scope}"`}};
  });
  return registry;
}
