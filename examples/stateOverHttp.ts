/**
 * State over HTTP: answers what a running job has counted, as of its last checkpoint.
 *
 *   GET /counts/apple   200 {"word":"apple","count":3}, or 404
 *   GET /counts         200 ["apple","pear"]
 */
import { createServer, type Server } from 'node:http'
import { defineJob, type Job, type JobHandle, keyBy, type Source, scan, type TransactionalSink, to } from 'rxweft'

export function countWords(words: Source<string>, counts: TransactionalSink<number>): Job {
  return defineJob('count-words', ({ from }) =>
    from(words).pipe(
      keyBy((word) => word),
      scan((count: number) => count + 1, 0, { id: 'counts' }),
      to(counts),
    ),
  )
}

/** Listens where the caller says: `stateServer(job).listen(8080, '127.0.0.1')`. */
export function stateServer(job: Pick<JobHandle, 'state'>): Server {
  const counts = job.state<number>('counts')

  async function answer(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    const [, collection, word] = path.split('/').map(decodeURIComponent)
    if (collection !== 'counts') return { status: 404, body: null }
    if (word === undefined) return { status: 200, body: await counts.keys() }
    const count = await counts.get(word)
    return count === undefined ? { status: 404, body: null } : { status: 200, body: { word, count } }
  }

  return createServer((request, response) => {
    answer(new URL(request.url ?? '/', 'http://localhost').pathname)
      .catch(() => ({ status: 503, body: null }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      })
  })
}
