import {expect} from 'chai';
import * as zod from 'zod';
import {routesContract, type RouteContract} from '../../../src/catalogue/server/routes-contract.js';
import {useServed} from './served.js';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly object[];
  readonly parameters?: readonly {in: string; name: string; required?: boolean; schema: object}[];
  readonly requestBody?: {content: Record<string, {schema: object}>};
  readonly responses: Record<string, {description: string; content?: Record<string, {schema: object}>}>;
}

/** What of JSON Schema 2020-12 the document may use. */
const KEYWORDS: Readonly<Record<string, 'schema' | 'schemas' | 'named' | 'value'>> = {
  type: 'value', description: 'value', enum: 'value', const: 'value', required: 'value', minimum: 'value', maximum: 'value', $ref: 'value',
  items: 'schema', additionalProperties: 'schema', propertyNames: 'schema', anyOf: 'schemas', properties: 'named',
};
const TYPES = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'];

describe('OpenAPI document', () => {
  const served = useServed();
  let document: any; // eslint-disable-line @typescript-eslint/no-explicit-any
  let operations: {path: string; method: string; operation: Operation}[];

  beforeEach(async () => {
    document = (await served.ask('GET', '/openapi.json')).body;
    operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({path, method, operation})));
  });

  it('has every route of the contract, and no other', () => {
    const routes = Object.entries<RouteContract>(routesContract(zod).routes);
    expect(document.openapi).to.equal('3.1.0');
    const expected = routes.map(([name, {method, url}]) => `${name} ${method} ${url.replace(/:(\w+)/g, '{$1}').replace('*', '{path}')}`);
    const found = operations.map(({path, method, operation}) => `${operation.operationId} ${method.toUpperCase()} ${path}`);
    expect(found.sort()).to.deep.equal(expected.sort());
  });

  it('says of each what is sent, what is answered, and what it needs', () => {
    for (const [name, route] of Object.entries<RouteContract>(routesContract(zod).routes)) {
      const {operation} = operations.find((one) => one.operation.operationId === name)!;
      expect(Object.keys(operation.requestBody?.content ?? {}).sort(), name).to.deep.equal(Object.keys(route.body ?? {}).sort());
      const success = operation.responses[route.status ?? 200]!;
      expect(success.content !== undefined, name).to.equal(route.answer !== undefined);
      expect(operation.security.length, name).to.equal(route.scope === 'none' ? 0 : 1);
      const always = ['400', '500', '503', ...(route.scope === 'none' ? [] : ['401', '403'])];
      expect(Object.keys(operation.responses), name).to.include.members(always);
      for (const [status, {description, content}] of Object.entries(operation.responses)) {
        expect(description, `${name} ${status}`).to.be.a('string').and.not.equal('Default Response');
        if (Number(status) >= 400) expect(Object.keys(content ?? {}), `${name} ${status}`).to.deep.equal(['application/problem+json']);
      }
      if (route.tagged) expect(operation.responses).to.have.property('304');
    }
  });

  it('declares every parameter of every path', () => {
    for (const {path, operation} of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((one) => one.in === 'path');
      expect(declared.map(({name}) => name).sort(), path).to.deep.equal(named.sort());
      expect(declared.every(({required, schema}) => required && schema !== undefined), path).to.equal(true);
    }
  });

  it('is made of sound schemas, whose references lead somewhere', () => {
    const components = document.components.schemas as Record<string, object>;
    const used = new Set<string>();
    const check = (schema: unknown, at: string): void => {
      if (typeof schema === 'boolean') return;
      expect(schema, at).to.be.an('object');
      for (const [keyword, value] of Object.entries(schema as object) as [string, unknown][]) {
        const kind = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
        expect(kind, `${at}/${keyword}`).to.not.equal(undefined);
        if (keyword === 'type') expect(TYPES, at).to.include(value);
        if (keyword === '$ref') {
          const name = /^#\/components\/schemas\/(\w+)$/.exec(value as string)?.[1] ?? '';
          expect(components, at).to.have.property(name);
          used.add(name);
        }
        if (kind === 'schema') check(value, `${at}/${keyword}`);
        if (kind === 'schemas') for (const one of value as unknown[]) check(one, `${at}/${keyword}`);
        if (kind === 'named') for (const [name, one] of Object.entries(value as object)) check(one, `${at}/${name}`);
      }
    };
    for (const [name, schema] of Object.entries(components)) check(schema, name);
    for (const {operation} of operations) {
      for (const {name, schema} of operation.parameters ?? []) check(schema, name);
      for (const {content} of [operation.requestBody, ...Object.values(operation.responses)].flatMap((one) => one ?? [])) {
        for (const [type, {schema}] of Object.entries(content ?? {})) check(schema, `${operation.operationId} ${type}`);
      }
    }
    expect([...used].sort()).to.deep.equal(Object.keys(components).sort());
  });

  it('is made anew by each server', async () => {
    await served.start();
    expect((await served.ask('GET', '/openapi.json')).body).to.deep.equal(document);
  });
});
