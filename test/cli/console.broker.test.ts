/** `rxweft console` as a program, beside real jobs on a real broker, in a real Chromium. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { kafkaSink } from '../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../src/kafka/source/kafkaSource.ts'
import { text } from '../../src/serde/text.ts'
import { buildPage } from '../../tools/console/buildPage.ts'
import { noChromium, startChromium } from '../../tools/support/chromium.ts'
import { cancelAll, copy, run } from '../../tools/support/jobs.ts'
import type { Program } from '../../tools/support/program.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { look } from '../console/looking.ts'
import { program } from './program.ts'
import { withTwoMembers } from './twoMembers.ts'

const brokers = inject('brokers')
/** A busy machine is no failure. */
const patience = { timeout: 20_000 }
const violations =
  'axe.run().then((found) => found.violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]))'

describe.skipIf(brokers.length === 0 || noChromium !== null)('rxweft console', { timeout: 90_000 }, () => {
  let topics: Topics
  let browser: Browser

  beforeAll(async () => {
    topics = await testTopics(brokers)
    await buildPage()
    browser = await startChromium()
  })
  afterEach(cancelAll)
  afterAll(async () => {
    await browser?.close()
    await topics?.close()
  })

  const shown = (job: string, ...more: readonly string[]): Program =>
    program('console', '--brokers', brokers.join(','), '--job', job, '--port', '0', ...more)

  async function addressOf(served: Program): Promise<string> {
    const address = /http:\S+/
    await expect.poll(() => served.said, patience).toMatch(address)
    return (address.exec(served.said) as RegExpExecArray)[0]
  }

  it('shows checkpoints and lag of a job that runs, dies and stays down, says what it cannot know, and steers nothing', async () => {
    const name = topics.name('job')
    const [source, sink] = [await topics.create(), await topics.create()]
    const { cluster } = topics
    const made = copy(
      name,
      () => kafkaSource(cluster, { topic: source, value: text }),
      () => kafkaSink(cluster, { topic: sink, value: text }),
    )
    await topics.append(source, ['a', 'b', 'c'])
    const running = run(made)
    await running.checkpoints(1)
    const served = shown(name)
    const { page, text: read, evaluate, complaints } = await look(browser, await addressOf(served))
    const checkpoint = async () =>
      Number(await page.locator('tr[data-shard="0"]').getAttribute('data-checkpoint', patience))
    await expect.poll(checkpoint, patience).toBeGreaterThan(0)
    const before = await checkpoint()
    await topics.append(source, ['d'])
    await expect.poll(checkpoint, patience).toBeGreaterThan(before)
    await expect.poll(() => page.locator(`tr.committed[data-checkpoint="${before}"]`).count(), patience).toBe(1)
    await running.cancel()
    await topics.append(source, ['e', 'f'])
    await expect.poll(() => read('.summary'), patience).toMatch(/LAG 2 /i)
    await expect.poll(() => read(`tr[data-partition="${source}/0"]`), patience).toMatch(/ 0 2 4 6$/)
    expect(await read('h1')).toBe(name)
    expect(await read('footer')).toMatch(/Rates, .* marbles, .* not shown; nor can the job be stopped/)
    expect(await page.locator('button').count()).toBe(0)
    for (const heading of ['Pipeline', 'Marbles', 'Restarts and notices', 'Members']) {
      expect(await page.getByRole('heading', { name: heading }).count()).toBe(0)
    }
    await evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8'))
    expect(await evaluate(violations)).toEqual([])
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(complaints).toEqual([])
    served.signal('SIGINT')
    expect(await served.ended).toBe(0)
    await expect
      .poll(() => read('.banner'), patience)
      .toMatch(/^The page does not answer .* says nothing about the job/)
  })

  it('shows members and shards as the plan and their own words have them', async () => {
    const name = topics.name('job')
    await withTwoMembers(topics, name, async (membership) => {
      const error = { code: 'SHARD_HANGS', message: 'it hangs' }
      const shards = { 0: { doing: 'failed', checkpoint: 0, plan: 1, error } } as const
      membership.say({ state: 'running', plan: 1, shards })
      const { page, text: read, complaints } = await look(browser, await addressOf(shown(name)))
      await page.locator('tr[data-member="pod-0"][data-state="running"]').waitFor(patience)
      await page.locator('tr[data-member="pod-1"][data-state="silent"]').waitFor(patience)
      expect(await read('tr[data-shard="0"]')).toMatch(/failed SHARD_HANGS it hangs/)
      expect(await read('tr[data-shard="1"]')).toMatch(/^1 a → pod-1 unknown/)
      expect(await read('.banner')).toMatch(/^Shard 0 does not run: SHARD_HANGS/)
      expect(await read('.summary')).toMatch(/SHARDS 0 of 2 .* MEMBERS 1 of 2/i)
      expect(complaints).toEqual([])
    })
  })

  it('asks for the token that other machines need, and opens with it', async () => {
    const name = topics.name('job')
    const [source, sink] = [await topics.create(), await topics.create()]
    const { cluster } = topics
    const running = run(
      copy(
        name,
        () => kafkaSource(cluster, { topic: source, value: text }),
        () => kafkaSink(cluster, { topic: sink, value: text }),
      ),
    )
    await running.until('restored')
    const bare = shown(name, '--host', '0.0.0.0')
    expect(await bare.ended).toBe(2)
    expect(bare.said).toContain('a token is needed')
    const file = join(await temporaryFolder(), 'token')
    writeFileSync(file, 'a-secret-of-the-test\n')
    const served = shown(name, '--token-file', file)
    const { page, text: read } = await look(browser, await addressOf(served))
    await page.getByLabel('Token').fill('a-secret-of-the-test')
    await page.keyboard.press('Enter')
    await expect.poll(() => read('h1'), patience).toBe(name)
    expect(served.said).not.toContain('a-secret-of-the-test')
  })

  it('is no page but an error for a job that the cluster does not know', async () => {
    const served = shown(topics.name('nobody'))
    expect(await served.ended).toBe(1)
    expect(served.said).toContain('JOB_NOT_FOUND')
  })
})
