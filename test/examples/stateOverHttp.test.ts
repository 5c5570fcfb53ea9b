import type { AddressInfo } from 'node:net'
import { execute, memorySink, memorySource, memoryStorage } from 'rxweft'
import { expect, it, onTestFinished } from 'vitest'
import { countWords, stateServer } from '../../examples/stateOverHttp.ts'

it('state over HTTP answers what a running job has counted', { timeout: 30_000 }, async () => {
  const words = memorySource<string>()
  const sink = memorySink<number>()
  const job = execute(countWords(words, sink), { storage: memoryStorage(), checkpointing: { interval: 20 } })
  onTestFinished(() => void job.cancel())
  const server = stateServer(job).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    return [answer.status, await answer.json()] as const
  }
  words.push('apple', 'pear', 'apple')
  const counted = new Promise<void>((resolve) => {
    job.events$.subscribe(() => sink.committed.length === 3 && resolve())
  })
  await counted
  expect(await get('/counts/apple')).toEqual([200, { word: 'apple', count: 2 }])
  expect(await get('/counts/plum')).toEqual([404, null])
  expect(await get('/other')).toEqual([404, null])
  const [, keys] = await get('/counts')
  expect([...(keys as readonly string[])].sort()).toEqual(['apple', 'pear'])
})
