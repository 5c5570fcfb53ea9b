/**
 * Bad records of one attempt: counted if skipped, otherwise letters in a stream of their own, which
 * is one more output of the job, with its own barriers.
 *
 *     output 1   a--b--1--c-----------        b is bad: its letter leaves at once
 *     output 2   a--------------1--c--        c is bad: its letter waits, being of checkpoint 2
 *     letters    ---B-----------1C----
 *
 * The letters' barrier n leaves, synchronously, when the last output has passed barrier n: no
 * earlier record can turn out bad any more. It must not wait until the outputs are prepared, since
 * sinks that share a transaction are prepared only when each of them has seen the barrier.
 */

import { Subject } from 'rxjs'
import type { BadRecord, BadRecords, OnError } from '../../attempt.ts'
import type { Credits } from '../../backPressure.ts'
import { barrier, type Restore, restore, type StreamElement } from '../../element.ts'
import { FatalError } from '../../errors.ts'
import type { CheckpointId, OperatorId, StreamRecord } from '../../record.ts'
import { asStream, type Stream } from '../../stream.ts'
import type { Job } from '../defineJob.ts'
import type { JobEvent } from '../events.ts'
import { badRecordCounts } from './badRecordCounts.ts'
import { type DeadLetter, letterOf } from './deadLetter.ts'

export interface AttemptBadRecords extends BadRecords {
  /** Stream of letters; it ends in the job's sink for dead letters, if there is one. */
  readonly letters: Stream<DeadLetter>
  /**
   * Called before the first record.
   *
   * @param outputs number of outputs, without the letters'
   * @param tell receives the events of skipped records
   */
  begin(restored: Restore, outputs: number, tell: (event: JobEvent) => void): void
  /** The checkpoint is decided. */
  committed(checkpoint: CheckpointId): void
}

export function badRecords({ name, onError: ofJob = 'fail' }: Pick<Job, 'name' | 'onError'>): AttemptBadRecords {
  const letters = new Subject<StreamElement<DeadLetter>>()
  const passes = new Map<CheckpointId, number>()
  let counts = badRecordCounts(() => undefined)
  /** By checkpoint: what it is too early for. */
  const held = new Map<CheckpointId, StreamRecord<DeadLetter>[]>()
  let outputs = 0
  let credits: Credits | undefined
  let now = (): number => 0
  /** Checkpoint of the letters that leave now. */
  let current: CheckpointId = 0

  function keep(bad: BadRecord): Error | null {
    if (bad.checkpoint < current) return tooLate(bad, current - 1)
    counts.add(bad, 'deadLetters')
    const letter = letterOf(name, bad, now())
    if (bad.checkpoint === current) letters.next(letter)
    else hold(bad.checkpoint, letter)
    return null
  }

  function hold(checkpoint: CheckpointId, letter: StreamRecord<DeadLetter>): void {
    credits?.hold()
    const waiting = held.get(checkpoint) ?? []
    waiting.push(letter)
    held.set(checkpoint, waiting)
  }

  function pass(checkpoint: CheckpointId): void {
    letters.next(barrier(checkpoint))
    current = checkpoint + 1
    const due = held.get(current) ?? []
    held.delete(current)
    for (const letter of due) letters.next(letter)
    if (due.length > 0) credits?.release(due.length)
  }

  return {
    letters: asStream(letters),
    policy: (operator, own) => policyOf(ofJob, operator, own),
    take(bad, policy) {
      if (policy === 'fail') return bad.error
      if (policy === 'dead-letter') return keep(bad)
      counts.add(bad, 'skipped')
      return null
    },
    late: (operator, checkpoint) => counts.late(operator, checkpoint),
    passed(checkpoint) {
      const count = (passes.get(checkpoint) ?? 0) + 1
      passes.set(checkpoint, count)
      if (count < outputs) return
      passes.delete(checkpoint)
      pass(checkpoint)
    },
    begin(restored, all, tell) {
      outputs = all
      counts = badRecordCounts(tell, restored.services.meters)
      credits = restored.services.credits
      now = () => restored.services.clock.now()
      current = restored.checkpoint + 1
      letters.next(restore(restored.checkpoint, restored.states, { ...restored.services, badRecords: ofLetters }))
    },
    committed: (checkpoint) => counts.committed(checkpoint),
  }
}

/**
 * Policy for letters: one that the sink refuses ends the job, since there is no other place for it.
 */
const ofLetters: BadRecords = {
  policy: () => 'fail',
  take: ({ error }) => error,
  late: () => undefined,
  passed: () => undefined,
}

function policyOf(ofJob: Job['onError'] & {}, operator: OperatorId, own: OnError | undefined): OnError {
  const hasSink = typeof ofJob !== 'string'
  const policy = own ?? (hasSink ? 'dead-letter' : ofJob)
  if (!['fail', 'skip', 'dead-letter'].includes(policy)) {
    throw new FatalError('BAD_OPTION', `onError is ${policy}`, {
      where: { operator },
      hint: "Set 'fail', 'skip' or 'dead-letter'",
    })
  }
  if (policy !== 'dead-letter' || hasSink) return policy
  throw new FatalError('NO_DEAD_LETTER_SINK', "`onError` is 'dead-letter', but the job has no sink for dead letters", {
    where: { operator },
    hint: 'Set onError: deadLetter(sink) in the options of defineJob',
  })
}

/**
 * Error of a record that turns out bad after all outputs have passed its barrier. Only work outside
 * of a pipeline that ends in to(sink) can be so late.
 */
function tooLate({ operator, record, error }: BadRecord, checkpoint: CheckpointId): FatalError {
  const { split, offset } = record
  return new FatalError('BAD_RECORD_TOO_LATE', 'a record was refused after its checkpoint had passed all outputs', {
    where: { operator, topic: split.topic, partition: split.partition, offset, checkpoint },
    hint: 'End every branch of the pipeline in to(sink), and use no operator that lets a barrier overtake records',
    cause: error,
  })
}
