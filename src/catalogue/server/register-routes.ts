import type {FastifyInstance} from 'fastify';
import type * as TypeProvider from 'fastify-type-provider-zod';
import type {Handlers} from './handlers.js';
import {fastifySchema} from './open-api.js';
import {MEDIA, type RouteContract, type RouteName, type routesContract} from './routes-contract.js';

/** Gives every route of the contract to Fastify. */
export function registerRoutes(app: FastifyInstance, {routes, schemas}: ReturnType<typeof routesContract>, handlers: Handlers,
  provider: typeof TypeProvider): void {
  for (const name of Object.keys(routes) as RouteName[]) {
    const contract: RouteContract = routes[name];
    const handler = handlers[name] as (asked: unknown) => Promise<unknown>;
    app.route({
      method: contract.method, url: contract.url, config: {scope: contract.scope, contract}, schema: fastifySchema(name, contract, schemas),
      // Of a stream there is no head.
      exposeHeadRoute: contract.method === 'GET' && contract.events !== true,
      validatorCompiler: ({schema, httpPart}) => {
        const unchecked = httpPart === 'headers' || (httpPart === 'body' && contract.checks !== 'schema');
        return unchecked ? (value: unknown) => ({value}) : provider.validatorCompiler({schema: schema as never, method: '', url: ''});
      },
      handler: async (request, reply) => {
        const {params, query, body} = request;
        const value = await handler({params, query, body, request, reply});
        if (reply.sent) return reply;
        if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
        return value === undefined ? reply.send() : reply.type(MEDIA.json).send(JSON.stringify(value));
      },
    });
  }
}
