import type { RxweftError } from '../../errors.ts'
import type { JobEvent } from '../events.ts'

/** Logger that a job writes its events to; `pino()` is one. */
export interface Logger {
  /** Logs what is normal: checkpoints. */
  debug(fields: object, message: string): void
  /** Logs what happens rarely: starts, takeovers, ends. */
  info(fields: object, message: string): void
  /** Logs what somebody should know: restarts, bad records, slow checkpoints. */
  warn(fields: object, message: string): void
  /** Logs the failure of the job. */
  error(fields: object, message: string): void
}

type Level = keyof Logger

const levels: Partial<Record<JobEvent['type'], Level>> = {
  failed: 'error',
  'shard-failed': 'error',
  started: 'info',
  restored: 'info',
  stopped: 'info',
  finished: 'info',
  cancelled: 'info',
  left: 'info',
  plan: 'info',
  'member-joined': 'info',
  'member-leaving': 'info',
  'shard-warming': 'info',
  'shard-ready': 'info',
  'shard-released': 'info',
  'shard-taken-over': 'info',
  idle: 'debug',
  'checkpoint-triggered': 'debug',
  'checkpoint-stored': 'debug',
  'checkpoint-committed': 'debug',
}

/** Texts of an event that are names of parts and places. No other text is logged. */
const names = ['attempt', 'broker', 'call', 'instance', 'member', 'operator', 'part', 'place', 'topic'] as const

/** Fields of the place of an error. */
const places = ['operator', 'topic', 'partition', 'offset', 'checkpoint', 'shard'] as const

/**
 * Returns a function that logs each event of a job: its type, the code and place of its error, and
 * its numbers. Messages of errors are left out, because those of user code may contain values.
 */
export function logEvents(job: string, logger: Logger): (event: JobEvent) => void {
  return (event) => {
    const level = levels[event.type] ?? 'warn'
    try {
      logger[level](fieldsOf(job, event), messageOf(job, event))
    } catch {
      // A job does not end because of its logger.
    }
  }
}

function fieldsOf(job: string, event: JobEvent): object {
  const fields: Record<string, unknown> = { job, event: event.type, shard: event.shard ?? 0 }
  for (const [name, value] of Object.entries(event)) {
    const isName = typeof value === 'string' && names.some((one) => one === name)
    if (isName || typeof value === 'number' || typeof value === 'boolean') fields[name] = value
  }
  if (event.type === 'checkpoint-committed') fields.phases = event.phases
  if (event.type === 'checkpoint-slow') fields.holding = event.holding.map(({ operator }) => operator)
  if (event.type === 'late-records') fields.operators = event.operators
  return 'error' in event ? { ...fields, ...errorFields(event.error) } : fields
}

function errorFields(error: Error & Partial<Pick<RxweftError, 'code' | 'where' | 'consequence'>>): object {
  const { code, consequence, where = {} } = error
  const place = places.flatMap((name) => (where[name] === undefined ? [] : [[name, where[name]]]))
  return { ...Object.fromEntries(place), ...(code === undefined ? {} : { code }), ...(consequence && { consequence }) }
}

function messageOf(job: string, event: JobEvent): string {
  const code = 'error' in event && 'code' in event.error ? `: ${event.error.code}` : ''
  const shard = event.shard === undefined ? '' : `, shard ${event.shard}`
  return `job ${job}${shard}: ${event.type.replaceAll('-', ' ')}${code}`
}
