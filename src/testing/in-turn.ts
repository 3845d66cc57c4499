import type {Answer} from './answer.js';
import type {RecordedRequest, Script} from './scripted-server.js';

/**
 * Lets the first request be answered by the first script, the second by the second …; the last one answers all that
 * come after. A redirect on the way does not use up a turn.
 */
export function inTurn(...scripts: readonly [Script, ...Script[]]): (request: RecordedRequest) => Promise<Answer> {
  let turn = 0;
  return async (request) => {
    const script = scripts[Math.min(turn, scripts.length - 1)] as Script;
    const answer = typeof script === 'function' ? await script(request) : script;
    const {status = 200} = answer;
    if (status < 300 || status > 399 || status === 304) turn++;
    return answer;
  };
}
