/** Pushes values into a source of a job under test, and lets the job read them. */
import type { Clock } from '../../attempt.ts'
import { FatalError } from '../../errors.ts'
import { anything, nonEmptyText, oneOf, required, rule, wholeNumber } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import type { PushOptions, TestSource } from './ends.ts'
import type { JobAttempt } from './jobAttempt.ts'
import type { SourceLog } from './sourceLog.ts'

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
      const { timestamp = clock.now(), key = null, headers = [] } = options
      const { topic, partition, offset } = placeOf(log, options)
      log.append({ value, timestamp, key, headers, split: { topic, partition }, offset })
      attempt().read()
    },
    watermark(timestamp) {
      open()
      checkOptions('watermark', { timestamp }, { timestamp: required(finite) }, { where: { operator: log.id } })
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

function placeOf(log: SourceLog, options: PushOptions) {
  const { topic = log.topics[0] ?? log.id, partition = 0 } = options
  checkOptions('push', options, rulesFor(log), { where: { operator: log.id } })
  const next = log.next(topic, partition)
  const { offset = next } = options
  checkOptions('push', { offset }, { offset: required(wholeNumber(next)) }, { where: { operator: log.id } })
  return { topic, partition, offset }
}

const finite = rule('a finite number of ms; end() ends the source', Number.isFinite)

function rulesFor({ topics }: SourceLog): OptionRules<PushOptions> {
  const headers = rule('an array of headers', Array.isArray)
  const topic = topics.length > 0 ? oneOf(...topics) : nonEmptyText
  return {
    timestamp: rule('a number of ms', isNumber),
    key: anything,
    headers,
    partition: wholeNumber(0),
    topic,
    offset: wholeNumber(0),
  }
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}

function ended(operator: string): FatalError {
  return new FatalError('SOURCE_ENDED', 'a value was pushed to a source that has ended', {
    where: { operator },
    hint: 'Push before end(), or call restore() first, which opens the source again',
  })
}
