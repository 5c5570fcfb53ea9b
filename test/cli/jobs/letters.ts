/** A job over an embedded log, with the options to run it in a folder named by the environment. */
import { join } from 'node:path'
import { defineJob, type ExecuteOptions, fileStorage, json, keyBy, scan, text, to } from 'rxweft'
import { embeddedLog, embeddedSink, embeddedSource } from 'rxweft/embedded'

const folder = process.env.LETTERS ?? 'letters'
export const log = embeddedLog(join(folder, 'log'))

export const job = defineJob('letters', ({ from }) =>
  from(embeddedSource(log, { topic: 'letters', value: text })).pipe(
    keyBy((letter) => letter),
    scan((count) => count + 1, 0, { id: 'counts' }),
    to(embeddedSink(log, { topic: 'counts', value: json<number>() })),
  ),
)

export const options: ExecuteOptions = { storage: fileStorage(join(folder, 'checkpoints')) }
