/** Common mistakes in JavaScript, or behind a cast: one error that says what to do. */
import { map as rxMap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { scan } from '../../src/operators/scan.ts'
import { to } from '../../src/operators/to.ts'
import { window } from '../../src/operators/window.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { tumbling } from '../../src/time/windows.ts'
import { failure, start } from './running.ts'

const never = (given: unknown): never => given as never
const lines = () => memorySource(['a', 'b'])
const keyed = keyBy((line: string) => line)

const mistakes: readonly (readonly [string, Job['pipeline'], code: string, text: string])[] = [
  [
    'from() without a source',
    ({ from }) => never(from(never(['a']))),
    'BAD_OPTION',
    'from: source is of type array, must be a source, such as',
  ],
  [
    'to() without a sink',
    ({ from }) => from(lines()).pipe(to(never(console.log))),
    'BAD_OPTION',
    'to: sink is of type function, must be a sink',
  ],
  [
    'to() without anything',
    ({ from }) => from(lines()).pipe(to(never(undefined))),
    'BAD_OPTION',
    'to: sink is missing',
  ],
  [
    'a pipeline function that is async',
    never(async () => undefined),
    'NOT_AN_OUTPUT',
    'the function must not be async, and must not subscribe',
  ],
  [
    "RxJS's map on elements",
    ({ from }) => from(lines()).pipe(never(rxMap((line: string) => line.toUpperCase())), to(memorySink())),
    'UNEXPECTED',
    'it gets elements, not values, so import the operator from rxweft',
  ],
  [
    'scan without options',
    ({ from }) =>
      from(lines()).pipe(
        keyed,
        scan((line: string) => line, never(0)),
        to(memorySink()),
      ),
    'BAD_OPTION',
    'not an object, such as { id: "counts" }',
  ],
  [
    'a window without options',
    ({ from }) =>
      from(lines()).pipe(
        keyed,
        window(tumbling(10)).reduce((a) => a, never(undefined)),
        to(memorySink()),
      ),
    'BAD_OPTION',
    'not an object, such as { id: "counts" }',
  ],
]

describe('a mistake that the compiler does not see', () => {
  it.each(mistakes)('is told with what to do: %s', async (_, pipeline, code, text) => {
    const error = await failure(start(defineJob('mistaken', pipeline)))
    expect(error).toMatchObject({ code, consequence: 'fatal' })
    expect(error.message).toContain(text)
  })
})
