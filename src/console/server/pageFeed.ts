/**
 * Sends the parts of the view to open pages, by server-sent events. For a page that reads slowly
 * nothing is queued: it is remembered which parts have changed, and it gets the newest ones once it
 * can take them.
 */
import type { ServerResponse } from 'node:http'
import type { Part } from '../shown.ts'
import type { Message } from '../view.ts'

/** Open pages at once, at most. */
export const mostPages = 32

/** Shortest time between two messages, ms, and longest, for proxies that end silent connections. */
const pause = 100
const heartbeat = 15_000

export interface PageFeed {
  /** Begins to send, with everything. Returns false if too many pages are open. */
  open(response: ServerResponse): boolean
  changed(parts: readonly Part[]): void
  close(): void
}

export interface PageFeedParts {
  readonly all: readonly Part[]
  message(parts: readonly Part[]): Message
  /** The first page has been opened, or the last one closed. */
  watched(whether: boolean): void
}

interface Page {
  readonly response: ServerResponse
  readonly changed: Set<Part>
  blocked: boolean
}

export function pageFeed({ all, message, watched }: PageFeedParts): PageFeed {
  const pages = new Set<Page>()
  let waiting: NodeJS.Timeout | null = null
  let beating: NodeJS.Timeout | null = null

  function write(page: Page, text: string): void {
    page.blocked = !page.response.write(text)
  }

  function flush(page: Page): void {
    if (page.blocked || page.changed.size === 0) return
    const parts = [...page.changed]
    page.changed.clear()
    // JSON has no line breaks, so one line holds it.
    write(page, `data: ${JSON.stringify(message(parts))}\n\n`)
  }

  function flushAll(): void {
    for (const page of pages) flush(page)
  }

  function left(page: Page): void {
    if (!pages.delete(page) || pages.size > 0) return
    if (beating !== null) clearInterval(beating)
    beating = null
    watched(false)
  }

  return {
    open(response) {
      if (pages.size >= mostPages) return false
      const page: Page = { response, changed: new Set(all), blocked: false }
      pages.add(page)
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' })
      // Of a lost connection the browser tries again after this long.
      response.write('retry: 1000\n\n')
      response.on('drain', () => {
        page.blocked = false
        flush(page)
      })
      response.on('close', () => left(page))
      response.on('error', () => left(page))
      if (beating === null) {
        beating = setInterval(() => {
          for (const one of pages) if (!one.blocked) write(one, ': alive\n\n')
        }, heartbeat).unref()
        watched(true)
      }
      flush(page)
      return true
    },
    changed(parts) {
      for (const page of pages) for (const part of parts) page.changed.add(part)
      if (waiting !== null || pages.size === 0 || parts.length === 0) return
      // At once, after everything that changes in this turn.
      setImmediate(flushAll)
      waiting = setTimeout(() => {
        waiting = null
        flushAll()
      }, pause).unref()
    },
    close() {
      if (waiting !== null) clearTimeout(waiting)
      for (const { response } of [...pages]) response.destroy()
    },
  }
}
