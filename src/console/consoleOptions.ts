import { nonEmptyText, required, rule, wholeNumber } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'
import { isLoopback } from './server/guard.ts'

/** Options of `consolePage`. */
export interface ConsoleOptions {
  /** Number of the port to listen on; 0: any free one. */
  readonly port: number
  /** Address to listen on. Default '127.0.0.1'; one that other machines reach needs a `token`. */
  readonly host?: string | undefined
  /**
   * Secret of at least 16 characters that whoever opens the page must give. Default: none, so every
   * user of this machine may watch and stop the job.
   */
  readonly token?: string | undefined
}

/** Shortest token, characters. */
const shortest = 16

const rules: OptionRules<ConsoleOptions> = {
  port: required(wholeNumber(0, 65_535)),
  host: nonEmptyText,
  token: rule(
    `a secret of at least ${shortest} characters`,
    (value) => typeof value === 'string' && value.length >= shortest,
  ),
}

/**
 * @throws BAD_OPTION if an option is wrong, or if other machines can reach `host` without a
 *   `token`
 */
export function checkConsole(what: string, options: ConsoleOptions): void {
  const { host = '127.0.0.1', token } = options ?? {}
  const open = typeof host === 'string' && !isLoopback(host) && token === undefined
  const problems = open ? ['host is reached by other machines, so a token is needed'] : []
  checkOptions(what, options, rules, { problems })
}
