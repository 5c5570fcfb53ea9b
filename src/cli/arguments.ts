/** The command line of `rxweft`. Anything wrong with it is one line. */
import { parseArgs } from 'node:util'
import { toError } from '../errors.ts'

export interface StatusArguments {
  /** Null: those of the configuration. */
  readonly brokers: readonly string[] | null
  /** File with options of `kafkaCluster`; null: there is none. */
  readonly config: string | null
  readonly job: string
  readonly prefix: string
  readonly watch: boolean
  readonly json: boolean
}

export const usage = `usage: rxweft status --brokers HOST:PORT[,...] --job NAME
  [--config FILE]     options of kafkaCluster, such as ssl and sasl: JSON, or a module that exports
                      them as default; its brokers count unless --brokers is given
  [--prefix PREFIX]   transactionalIdPrefix of the job's sinks, default rxweft
  [--watch]           print it again each second, until Ctrl-C
  [--json]            print JSON, one line each time
exit code: 0 printed, 1 the cluster does not answer or has no such job, 2 wrong arguments`

/** Null if help is asked for. Throws with what is wrong. */
export function statusArguments(given: readonly string[]): StatusArguments | null {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const options = { brokers: text, config: text, job: text, prefix: text, watch: flag, json: flag, help: flag }
  const { values, positionals } = parsed(() => parseArgs({ args: [...given], options, allowPositionals: true }))
  if (values.help) return null
  const [verb, ...rest] = positionals
  if (verb !== 'status' || rest.length > 0)
    throw wrong(`"${positionals.join(' ')}" is not a command: there is only status`)
  const { brokers, config = null, job, prefix = 'rxweft', watch, json } = values
  if (brokers === undefined && config === null) throw wrong('--brokers is missing, or --config')
  if (job === undefined) throw wrong('--job is missing')
  return { brokers: brokers?.split(',') ?? null, config, job, prefix, watch, json }
}

function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (thrown) {
    throw wrong(toError(thrown).message)
  }
}

function wrong(what: string): Error {
  return new Error(`rxweft: ${what}\n${usage}`)
}
