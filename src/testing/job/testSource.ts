/** Pushes values into a source of a job under test, and lets the job read them. */
import type { Clock } from '../../attempt.ts'
import { FatalError } from '../../errors.ts'
import { checkOptionNames } from '../../options.ts'
import type { PushOptions, TestSource } from './ends.ts'
import type { JobAttempt } from './jobAttempt.ts'
import type { SourceLog } from './sourceLog.ts'

const optionsOfPush = { timestamp: true, key: true, headers: true, partition: true, topic: true }

/** @param attempt returns the current attempt */
export function testSource<T>(log: SourceLog, clock: Clock, attempt: () => JobAttempt): TestSource<T> {
  function open(): void {
    attempt().check()
    if (log.ended) throw ended(log.id)
  }
  return {
    id: log.id,
    push(value, options = {}) {
      open()
      checkOptionNames('push', options, optionsOfPush)
      const { timestamp = clock.now(), key = null, headers = [] } = options
      const { topic, partition } = placeOf(log, options)
      log.append({ value, timestamp, key, headers }, topic, partition)
      attempt().read()
    },
    watermark(timestamp) {
      open()
      if (!Number.isFinite(timestamp)) throw bad(log, `a watermark of ${timestamp}`, 'Give ms, or use end()')
      log.mark(timestamp)
      attempt().read()
    },
    end() {
      attempt().check()
      if (log.ended) return
      log.ended = true
      attempt().exhaust(log)
    },
  }
}

function placeOf(log: SourceLog, { topic = log.topics[0] ?? log.id, partition = 0 }: PushOptions) {
  if (!Number.isSafeInteger(partition) || partition < 0) {
    throw bad(log, `partition ${partition}`, 'Give a whole number from 0')
  }
  if (log.topics.length > 0 && !log.topics.includes(topic)) {
    throw bad(log, `topic "${topic}"`, `The source reads from: ${log.topics.join(', ')}`)
  }
  return { topic, partition }
}

function ended(operator: string): FatalError {
  return new FatalError('SOURCE_ENDED', 'a value was pushed to a source that has ended', {
    where: { operator },
    hint: 'Push before end(), or call restore() first, which opens the source again',
  })
}

function bad({ id }: SourceLog, what: string, hint: string): FatalError {
  return new FatalError('BAD_OPTION', `${what} at a source`, { where: { operator: id }, hint })
}
