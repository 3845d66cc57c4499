import type SwaggerPlugin from '@fastify/swagger';
import type * as FastifyModule from 'fastify';
import type * as TypeProvider from 'fastify-type-provider-zod';
import {checkOptional, requireOptional} from '../../sql/require-optional.js';
import type {ZodModule} from './schemas.js';

const FEATURE = 'the catalogue\'s HTTP server';
const PACKAGES = ['fastify', '@fastify/swagger', 'fastify-type-provider-zod', 'zod'];

/** The optional packages that a server is made of. */
export interface Framework {
  readonly fastify: typeof FastifyModule.fastify;
  readonly swagger: typeof SwaggerPlugin;
  readonly provider: typeof TypeProvider;
  readonly zod: ZodModule;
}

/** Loads them. @throws Error with the code ERR_OPTIONAL_MISSING that says what to install, all of it */
export async function loadFramework(): Promise<Framework> {
  checkOptional(PACKAGES, FEATURE);
  const {fastify} = await requireOptional<typeof FastifyModule>('fastify', FEATURE);
  const zod = await requireOptional<ZodModule>('zod', FEATURE);
  const {default: swagger} = await requireOptional<{default: typeof SwaggerPlugin}>('@fastify/swagger', FEATURE);
  const provider = await requireOptional<typeof TypeProvider>('fastify-type-provider-zod', FEATURE);
  return {fastify, swagger, provider, zod};
}
