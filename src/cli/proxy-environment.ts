import {ProxyRules} from '../factory/proxy-rules.js';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy rules of `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`; upper case is looked at when the lower
 * case is not set. An empty value means none. HTTP_PROXY is not believed inside a CGI program, where a client sets it.
 *
 * @throws TypeError naming the variable
 */
export function proxyRulesOf(env: Environment): ProxyRules {
  const names = {http: 'http_proxy', https: 'https_proxy', all: 'all_proxy', no: 'no_proxy'} as const;
  const value = (name: string): string | undefined => {
    const upper = name === 'http_proxy' && env.REQUEST_METHOD !== undefined ? undefined : env[name.toUpperCase()];
    const found = env[name] ?? upper;
    return found === '' ? undefined : found;
  };
  try {
    return new ProxyRules({http: value(names.http), https: value(names.https), all: value(names.all), no: value(names.no)});
  } catch (error) {
    const message = (error as Error).message.replace(/^proxy\.(https|http|all)/, (_option, key: 'http' | 'https' | 'all') =>
      `environment variable ${env[names[key]] === undefined ? names[key].toUpperCase() : names[key]}`);
    throw new TypeError(message, {cause: error});
  }
}
