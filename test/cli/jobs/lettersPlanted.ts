/** The job of letters.ts with a bug: it counts c twice. */
import { join } from 'node:path'
import { defineJob, json, keyBy, scan, text, to } from 'rxweft'
import { embeddedLog, embeddedSink, embeddedSource } from 'rxweft/embedded'

const log = embeddedLog(join(process.env.LETTERS ?? 'letters', 'log'))

export const job = defineJob('letters', ({ from }) =>
  from(embeddedSource(log, { topic: 'letters', value: text })).pipe(
    keyBy((letter) => letter),
    scan((count, letter) => count + (letter === 'c' ? 2 : 1), 0, { id: 'counts' }),
    to(embeddedSink(log, { topic: 'counts', value: json<number>() })),
  ),
)
