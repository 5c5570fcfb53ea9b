/** What an attempt would hand to the operators, for a test: real credits, a virtual clock, and the writers that the test gives. */
import { createCredits } from '../credits.ts'
import type { CheckpointMode, Resource, Services } from '../element.ts'
import { FatalError } from '../errors.ts'
import { type VirtualClock, virtualClock } from './virtualClock.ts'

export interface TestServices extends Services {
  readonly clock: VirtualClock
}

export interface TestServicesOptions {
  /** Default 'exactly-once'. */
  readonly mode?: CheckpointMode
  readonly clock?: VirtualClock
  /** By sink: what `to(sink)` is to write with, instead of what the sink would open. */
  readonly writers?: ReadonlyMap<object, unknown>
}

/** `opened` throws Fatal NOT_OPENED for a sink that is not among the writers. */
export function testServices(options: TestServicesOptions = {}): TestServices {
  const { mode = 'exactly-once', clock = virtualClock(), writers = new Map() } = options
  return {
    mode,
    clock,
    credits: createCredits(),
    opened<W>(resource: Resource<W>): W {
      if (!writers.has(resource)) {
        throw new FatalError('NOT_OPENED', 'the test services have no writer for this sink', {
          hint: 'Pass testServices({ writers: new Map([[sink, writer]]) })',
        })
      }
      return writers.get(resource) as W
    },
  }
}
