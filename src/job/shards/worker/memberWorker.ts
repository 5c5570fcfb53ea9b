/** The inside of a thread that runs several shards of a member, as the main thread orders. */
import type { MessagePort } from 'node:worker_threads'
import { type LocalRun, type StartShard, shardsHere } from '../../members/shardRun.ts'
import { answerMetrics } from '../askMetrics.ts'
import type { MemberReport, MemberWord } from '../memberMessages.ts'
import { packError, packEvent } from '../messages.ts'
import { type Pulse, startPulse } from '../pulse.ts'
import { beginsOnce, type ShardHere } from './muteHandle.ts'

/** Content of workerData in such a thread. */
export interface MemberData {
  readonly job: string
  readonly execution: string
  readonly port: MessagePort
  readonly pulse: Pulse
  /** Name of the thread. */
  readonly thread: string
  /** Over which its metrics are asked for. */
  readonly answers: MessagePort
}

export function memberIn({ port, pulse, thread, answers, job: name, execution: me }: MemberData): ShardHere {
  startPulse(pulse)
  answerMetrics(answers, name, thread, () => [...runs.values()].flatMap((run) => run.read()))
  const report = (one: MemberReport): void => port.postMessage(one)
  const runs = new Map<number, LocalRun>()

  function begin(start: StartShard<LocalRun>, shard: number, plan: Parameters<StartShard>[1]): void {
    const run = start(shard, plan, (step) => report({ type: 'reached', shard, step }))
    runs.set(shard, run)
    run.events$.subscribe((event) => report({ type: 'event', shard, event: packEvent(event) }))
    run.done
      .then(
        (result) => report({ type: 'ended', shard, result }),
        (thrown) => report({ type: 'failed', shard, error: packError(thrown) }),
      )
      .finally(() => runs.get(shard) === run && runs.delete(shard))
  }

  function obey(start: StartShard<LocalRun>, word: Exclude<MemberWord, 'exit'>): void {
    if ('run' in word) {
      try {
        begin(start, word.run, word.plan)
      } catch (thrown) {
        report({ type: 'failed', shard: word.run, error: packError(thrown) })
      }
    } else if ('go' in word) runs.get(word.go)?.go(word.admission)
    else if ('release' in word) runs.get(word.release)?.release(word.plan)
    else if ('stop' in word) ended(runs.get(word.stop)?.stop())
    else ended(runs.get(word.cancel)?.cancel())
  }

  return beginsOnce(name, report, (job, options) => {
    const start = shardsHere(job, options, me)
    port.on('message', (word: MemberWord) => (word === 'exit' ? process.exit() : obey(start, word)))
  })
}

/** The end is reported by `done`. */
function ended(end: Promise<unknown> | undefined): void {
  end?.catch(() => undefined)
}
