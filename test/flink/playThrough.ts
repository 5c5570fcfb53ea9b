/**
 * Plays a scenario of one or two inputs through our operators, with what Flink says otherwise put into our elements:
 *
 *   active again           its watermark once more: here the next element of an input makes it active
 *   an element while idle  the record, and idle again
 *   a watermark that does not rise, or of an idle input     nothing, as Flink ignores it
 *   restored               it does not know its watermark any more
 */

import { Subject, type Subscription } from 'rxjs'
import { barrier, idle, restore, type StreamElement, watermark } from '../../src/element.ts'
import { streamRecord } from '../../src/record.ts'
import { asStream, type Stream } from '../../src/stream.ts'
import { testServices } from '../../src/testing/index.ts'
import { snapshotCollector } from '../../src/testing/testStates.ts'
import type { GoldenScenario, Output, ResultOutput } from './golden.ts'
import type { ElementEvent, Event } from './scenario.ts'

export type Input = Stream<ElementEvent>
/** What a result is but for its key and timestamp, which are those of the record. */
export type Value = Pick<ResultOutput, 'value' | 'watermark'>

export interface Made {
  readonly main: Stream<Value, string>
  readonly late?: readonly Stream<ElementEvent>[]
}

export interface Playing {
  /** What came out because of each event. */
  readonly steps: readonly (readonly Output[])[]
  /** How many late records were counted. */
  readonly late: number
}

/** The last watermark of an input, and whether it is idle. */
interface Condition {
  reached: number
  idle: boolean
}

export function playThrough({ operator, steps }: GoldenScenario, make: (inputs: readonly Input[]) => Made): Playing {
  const inputs = operator.kind === 'eventTimers' ? 1 : 2
  const conditions = Array.from({ length: inputs }, (): Condition => ({ reached: -Infinity, idle: false }))
  let outputs: Output[] = []
  let late = 0
  let offset = 0
  let checkpoint = 0
  let stage = start()

  function start(from?: ReturnType<ReturnType<typeof snapshotCollector>['at']>) {
    const services = testServices({ restoreFrom: from })
    const collector = snapshotCollector(from)
    const inputs = conditions.map(() => new Subject<StreamElement<ElementEvent>>())
    const { main, late = [] } = make(inputs.map((input) => asStream(input)))
    const subscriptions: Subscription[] = late.map((stream) => stream.subscribe((element) => put(lateOf(element))))
    const subscription = main.subscribe({
      next(element) {
        if (element.kind === 'barrier') collector.add(element.checkpoint, element.states)
        else put(outputOf(element))
      },
      error: (error: unknown) => {
        throw error
      },
    })
    for (const input of inputs) input.next(restore(from?.checkpoint ?? 0, new Map(), services))
    return { services, collector, inputs, end: () => [...subscriptions, subscription].map((one) => one.unsubscribe()) }
  }

  function put(said: readonly Output[]): void {
    outputs.push(...said)
  }

  function restart(): void {
    checkpoint += 1
    for (const input of stage.inputs) input.next(barrier(checkpoint))
    const snapshot = stage.collector.at(checkpoint)
    late += stage.services.late.length
    stage.end()
    stage = start(snapshot)
    for (const condition of conditions) Object.assign(condition, { reached: -Infinity, idle: false })
  }

  function element(event: ElementEvent, condition: Condition, input: Subject<StreamElement<ElementEvent>>): void {
    const split = { topic: 'events', partition: event.input }
    input.next(streamRecord(event, event.timestamp, null, [], split, offset++))
    if (!condition.idle) return
    const before = outputs.length
    input.next(idle)
    outputs.length = before
  }

  function act(event: Event): void {
    if (event.type === 'snapshotAndRestore') return restart()
    if (event.type !== 'element' && event.type !== 'watermark' && event.type !== 'status') {
      throw new Error(`such an operator has no ${event.type}`)
    }
    const condition = conditions[event.input] as Condition
    const input = stage.inputs[event.input] as Subject<StreamElement<ElementEvent>>
    if (event.type === 'element') return element(event, condition, input)
    if (event.type === 'watermark') {
      if (condition.idle || event.timestamp <= condition.reached) return
      condition.reached = event.timestamp
      return input.next(watermark(event.timestamp))
    }
    if (event.idle === condition.idle) return
    condition.idle = event.idle
    if (event.idle) input.next(idle)
    else if (conditions.length > 1) input.next(watermark(condition.reached))
  }

  const played = steps.map(({ event }) => {
    outputs = []
    act(event)
    return outputs
  })
  return { steps: played, late: late + stage.services.late.length }
}

function outputOf(element: StreamElement<Value, string>): readonly Output[] {
  if (element.kind === 'watermark') return [{ type: 'watermark', timestamp: element.timestamp }]
  if (element.kind === 'idle') return [{ type: 'status', idle: true }]
  if (element.kind !== 'record') return []
  const { key, value, timestamp } = element
  return [{ type: 'result', key, ...value, timestamp }]
}

function lateOf(element: StreamElement<ElementEvent>): readonly Output[] {
  if (element.kind !== 'record') return []
  const { input, key, value } = element.value
  return [{ type: 'late', input, key, value, timestamp: element.timestamp }]
}

/** There is no element here that says that an input is active again: its next one does. */
export function saidHere(outputs: readonly Output[]): readonly Output[] {
  return outputs.filter((output) => output.type !== 'status' || output.idle)
}
