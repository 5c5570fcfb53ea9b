/**
 * The inside of a shard's thread. The program runs here as in the main thread. At `execute` for the
 * job of this thread it gets a mute handle, and the shard runs once the main thread allows it:
 *
 *     program --execute(job)--> this shard alone, which reports to the main thread
 *        |  `---execute(other job)--> nothing: the main thread runs it
 *        `--await done--> never: what follows belongs to the main thread
 */
import { isMainThread, type MessagePort, workerData } from 'node:worker_threads'
import type { Plan } from '../../../contracts/plan.ts'
import { FatalError } from '../../../errors.ts'
import type { Job } from '../../defineJob.ts'
import type { ExecuteOptions } from '../../executeOptions.ts'
import { execution, type RunningShard, type ShardIdentity } from '../../execution.ts'
import type { RunningJob } from '../../jobHandle.ts'
import { answerMetrics } from '../askMetrics.ts'
import { packError, packEvent, type Report, type Word } from '../messages.ts'
import { type Pulse, startPulse } from '../pulse.ts'
import { type MemberData, memberIn } from './memberWorker.ts'
import { beginsOnce, type ShardHere } from './muteHandle.ts'

/** Content of workerData in a shard's thread. */
export interface ShardData extends ShardIdentity {
  readonly job: string
  readonly port: MessagePort
  readonly pulse: Pulse
  /** Name of the thread. */
  readonly thread: string
  /** Over which its metrics are asked for. */
  readonly answers: MessagePort
}

export const dataName = 'rxweft-shard'

let here: ShardHere | null | undefined

/** Shard of this thread; null if it is not a shard's thread. */
export function shardHere(): ShardHere | null {
  const data: ShardData | MemberData | undefined = isMainThread ? undefined : workerData?.[dataName]
  here ??= data === undefined ? null : 'shard' in data ? shardIn(data) : memberIn(data)
  return here
}

function shardIn({ port, pulse, thread, answers, job: name, ...identity }: ShardData): ShardHere {
  let running: RunningShard | undefined
  startPulse(pulse)
  answerMetrics(answers, name, thread, () => running?.read() ?? [])
  const report = (one: Report): void => port.postMessage(one)

  function run(job: Job, options: ExecuteOptions, plan: Plan): RunningJob {
    const { shards = 1 } = options
    if (shards !== identity.shards) throw otherShards(identity.shards, shards)
    const handle = execution(job, options, { ...identity, shards: plan.owners.length, plan })
    running = handle
    handle.events$.subscribe((event) => report({ type: 'event', event: packEvent(event) }))
    handle.done.then((result) => report({ type: 'ended', result }), failed)
    return handle
  }

  const failed = (thrown: unknown): void => report({ type: 'failed', error: packError(thrown) })

  return beginsOnce(name, report, (job, options) => {
    let handle: RunningJob | undefined
    port.on('message', (word: Word) => {
      if (word === 'exit') return process.exit()
      if (typeof word === 'string') return handle?.[word]().catch(() => undefined)
      try {
        handle = run(job, options, word.go)
      } catch (thrown) {
        failed(thrown)
      }
    })
  })
}

function otherShards(main: number, here: number): FatalError {
  return new FatalError(
    'BAD_OPTION',
    `the main thread calls execute with shards: ${main}, the thread of a shard with shards: ${here}`,
    {
      hint: 'Both threads run the same program, which must compute the same number',
    },
  )
}
