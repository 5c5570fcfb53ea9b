/** Worker thread that runs the program again for one shard, from start to death. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { sleep, systemClock } from '../../../clock.ts'
import { FatalError, RetriableError, type RxweftError } from '../../../errors.ts'
import { gather } from '../../../metrics/gather.ts'
import type { Metric } from '../../../metrics/metric.ts'
import type { ShardIdentity } from '../../execution.ts'
import { askMetrics } from '../askMetrics.ts'
import { startable } from '../main/typescript.ts'
import type { Word } from '../messages.ts'
import { newPulse, silenceOf } from '../pulse.ts'
import type { MemberData } from './memberWorker.ts'
import { dataName, type ShardData } from './shardWorker.ts'

export interface Thread {
  readonly port: MessagePort
  /**
   * Resolves if the thread ends without being closed: with its exit code, or its uncaught error.
   */
  readonly death: Promise<unknown>
  /** Time since its last sign of life, ms; 0 before the first one and once it has ended. */
  silence(): number
  /** Its metrics and those of its shards; none once it has ended. */
  metrics(): Promise<readonly Metric[]>
  /**
   * Asks the thread to end, which it does once it has reached its `execute`. Terminating a thread
   * inside native code (lmdb) may kill the process, so that is done only to a thread that does not
   * react.
   */
  close(): Promise<void>
}

/** Time in which a thread must end, ms: a function of its program or job may never return. */
export const grace = 5_000

export interface ThreadOptions extends ShardIdentity {
  readonly job: string
  readonly program: string | URL
}

/** Starts a thread for one shard. */
export function startThread({ program, ...identity }: ThreadOptions): Thread {
  const { job, shard } = identity
  return start(program, job, `shard-${shard}`, (parts): ShardData => ({ ...identity, ...parts }))
}

/** Starts a thread for several shards of a member. */
export function startMemberThread({ program, name, ...identity }: MemberThreadOptions): Thread {
  return start(program, identity.job, name, (parts): MemberData => ({ ...identity, ...parts }))
}

export interface MemberThreadOptions extends Pick<ThreadOptions, 'job' | 'execution' | 'program'> {
  /** Name of the thread within the job, for debuggers and metrics. */
  readonly name: string
}

type ThreadParts = Pick<ShardData, 'port' | 'pulse' | 'thread' | 'answers'>

function start(
  program: string | URL,
  job: string,
  thread: string,
  dataOf: (parts: ThreadParts) => ShardData | MemberData,
): Thread {
  const { port1: port, port2 } = new MessageChannel()
  const { port1: asked, port2: answers } = new MessageChannel()
  const pulse = newPulse()
  const data = dataOf({ port: port2, pulse, thread, answers })
  const worker = new Worker(startable(program), {
    name: `${job}/${thread}`,
    argv: process.argv.slice(2),
    workerData: { [dataName]: data },
    transferList: [port2, answers],
  })
  const death = new Promise<unknown>((resolve) => {
    worker.once('error', resolve)
    // Messages sent before the exit may still be on their way and come first.
    worker.once('exit', (code) => setImmediate(resolve, code))
  })
  const gone = new AbortController()
  worker.once('exit', () => gone.abort())
  const { read } = askMetrics(asked, gone.signal)
  const silence = (): number => (gone.signal.aborted ? 0 : silenceOf(pulse))
  return {
    ...{ port, death, silence },
    async metrics() {
      const here = gather({ job })
      if (!gone.signal.aborted) here.add('thread.silence', { thread }, silence() / 1e3)
      return [...here.all, ...(await read())]
    },
    async close() {
      port.postMessage('exit' satisfies Word)
      await sleep(systemClock, grace, gone.signal)
      await worker.terminate()
      port.close()
    },
  }
}

/**
 * @param how as of `death`
 * @param hasRun whether a thread of the shard has reached its `execute`
 */
export function died(how: unknown, shard: number, hasRun: boolean): RxweftError {
  const end = typeof how === 'number' ? `exit code ${how}` : how instanceof Error ? how.message : String(how)
  const detail = { where: { shard }, ...(typeof how === 'number' ? {} : { cause: how }) }
  if (hasRun) return new RetriableError('SHARD_DIED', `the thread of the shard ended unexpectedly: ${end}`, detail)
  return new FatalError(
    'SHARD_NOT_STARTED',
    `the thread of the shard ended before it called execute for this job: ${end}`,
    {
      ...detail,
      hint: 'The program runs in each thread, so do not guard `execute` with isMainThread. Set `program` if another file than the main program calls it',
    },
  )
}
