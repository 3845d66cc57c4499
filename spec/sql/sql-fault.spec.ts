import {inspect} from 'node:util';
import {expect} from 'chai';
import {SqlFault} from '../../src/sql/sql-fault.js';

describe('SqlFault', () => {
  const of = (code: string | undefined, message = 'x'): SqlFault => SqlFault.of(Object.assign(new Error(message), code === undefined ? {} : {code}));

  it('knows what a code means for the transaction', () => {
    const kinds = {
      SQLITE_BUSY: 'busy', SQLITE_BUSY_SNAPSHOT: 'busy', SQLITE_LOCKED: 'busy', '55P03': 'busy', '53300': 'busy', '40001': 'conflict', '40P01': 'conflict',
      '57P01': 'lost', '08006': 'lost', '57P03': 'lost', ECONNRESET: 'lost', EPIPE: 'lost', '23505': 'unique', SQLITE_CONSTRAINT_PRIMARYKEY: 'unique',
      SQLITE_CONSTRAINT_FOREIGNKEY: 'other', '25006': 'read-only', SQLITE_READONLY_DBMOVED: 'read-only', SQLITE_FULL: 'full', '53100': 'full',
      '42601': 'other', SQLITE_ERROR: 'other', constructor: 'other', '28P01': 'other', ENOTFOUND: 'other',
    };
    expect(Object.fromEntries(Object.keys(kinds).map((code) => [code, of(code).kind]))).to.deep.equal(kinds);
    expect(Object.keys(kinds).filter((code) => of(code).retriable)).to.have.length(12);
  });

  it('knows a lost connection by what pg says without a code', () => {
    for (const text of ['Connection terminated unexpectedly', 'timeout exceeded when trying to connect']) expect(of(undefined, text).kind).to.equal('lost');
    expect(of(undefined, 'something').kind).to.equal('other');
    expect(SqlFault.of(new AggregateError([Object.assign(new Error('x'), {code: 'ECONNREFUSED'})], '')).kind).to.equal('lost');
  });

  it('shows no password, and keeps one of its own as it is', () => {
    const fault = of('ECONNREFUSED', 'no way to postgres://elmer:hunting@host/db');
    expect(inspect(fault, {depth: 9, showHidden: true})).to.not.contain('hunting');
    expect(SqlFault.of(fault)).to.equal(fault);
  });
});
