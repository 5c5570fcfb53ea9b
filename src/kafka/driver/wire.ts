/**
 * One connection to one broker, used until it breaks or rests, and then thrown away: connected,
 * asked for its versions, and logged in.
 *
 *   kafkajs:  SASL, and the queue of requests that wait for an answer
 *   here:     sockets, our own frames on them, timeouts, and the meaning of failures
 *
 * Requests go to kafkajs's queue instead of its `send`, which would copy every batch twice and
 * could reorder requests, since it awaits in between.
 */
import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import Connection from 'kafkajs/src/network/connection.js'
import { deadline, systemClock } from '../../clock.ts'
import { toError } from '../../errors.ts'
import type { Api } from '../protocol/api.ts'
import { type ApiVersions, apiVersions } from '../protocol/apiVersions.ts'
import { type Address, showAddress } from './address.ts'
import { answers } from './answers.ts'
import type { DriverSettings } from './driverSettings.ts'
import * as failures from './failures.ts'
import { decodeAnswer, encodeRequest, openAnswer } from './frames.ts'
import type { Sockets } from './sockets.ts'

export interface Wire {
  /** Versions and features of the broker. */
  readonly abilities: ApiVersions
  /** False once the connection is gone for good. */
  readonly alive: boolean
  /** True if the login has expired or soon will. */
  readonly loginDue: boolean
  login(): Promise<void>
  /**
   * Writes the request now. `timeout` in ms starts then, or when a throttling broker reads again. A
   * request unanswered at the timeout, or at `givenUp`, breaks the connection.
   */
  send<A, R>(api: Api<A, R>, args: A, version: number, timeout: number, givenUp?: AbortSignal): Promise<R>
}

/** kafkajs logs a failure and then throws it; once is enough. */
const silent = { namespace: () => silent, debug: ignore, info: ignore, warn: ignore, error: ignore }

/** Rejects as `Connections.call` does for a request that was never sent. */
export async function openWire(address: Address, settings: DriverSettings, sockets: Sockets): Promise<Wire> {
  const broker = showAddress(address)
  let socket: Socket | undefined
  let death: Error | null = null
  /** Until then a throttling broker reads nothing from here; by `systemClock.monotonic`. */
  let mutedUntil = 0

  const connection = new Connection({
    host: address.host,
    port: address.port,
    clientId: settings.clientId,
    ssl: settings.ssl,
    sasl: settings.sasl,
    // `connect` below has its own timeout.
    connectionTimeout: longestTimer,
    requestTimeout: settings.requestTimeout,
    enforceRequestTimeout: false,
    logger: silent,
    socketFactory: sockets.factory(opened, received),
  })
  const take = answers(arrived)
  /** Number of requests and logins that wait for an answer. */
  let pending = 0
  /** Whether nothing was sent since the last look. */
  let rested = false
  let looking: NodeJS.Timeout | undefined
  // kafkajs starts an endless timer of one millisecond here. Only a throttled queue needs it, and
  // this one never is throttled.
  connection.requestQueue.scheduleCheckPendingRequests = ignore

  function opened(its: Socket): void {
    socket = its
    // Registered before kafkajs's own listener, which rejects the requests in flight.
    its.once('end', () => die(new Error('the broker closed the connection')))
    its.once('error', die)
  }

  function received(bytes: Buffer): void {
    try {
      take(bytes)
    } catch (thrown) {
      die(toError(thrown))
    }
  }

  /** kafkajs itself waits for the answers to its login. */
  function arrived(answer: Buffer): void {
    const { authHandlers, requestQueue } = connection
    if (authHandlers) return authHandlers.onSuccess(answer)
    const { size, correlationId, payload } = openAnswer(answer)
    requestQueue.fulfillRequest({ size, correlationId, payload })
  }

  function die(cause: Error): void {
    death ??= cause
    clearInterval(looking)
    socket?.destroy(cause)
  }

  function send<A, R>(api: Api<A, R>, args: A, version: number, timeout: number, givenUp?: AbortSignal): Promise<R> {
    return new Promise((resolve, reject) => {
      if (death !== null) throw failures.notSent(broker, api.name, death)
      if (givenUp?.aborted)
        throw failures.notSent(broker, api.name, new Error('another broker was asked in the meantime'))
      const correlationId = connection.nextCorrelationId()
      const frame = encodeRequest(api, args, version, correlationId, settings.clientId)
      const sentAt = systemClock.monotonic()
      const expire = (): void => {
        const left = Math.max(sentAt, mutedUntil) + timeout - systemClock.monotonic()
        if (left > 0) {
          cancel = deadline(systemClock, left, expire)
          return
        }
        reject(failures.timedOut(broker, api.name, timeout))
        die(new Error(`the broker did not answer ${api.name} within ${timeout} ms`))
      }
      let cancel = deadline(systemClock, timeout, expire)
      pending += 1
      rested = false
      const drop = (): void =>
        die(new Error(`the broker did not answer ${api.name}, and another one has taken its place`))
      givenUp?.addEventListener('abort', drop)
      const settled = (): void => {
        pending -= 1
        cancel()
        givenUp?.removeEventListener('abort', drop)
      }
      connection.requestQueue.push({
        entry: {
          apiKey: api.key,
          apiName: api.name,
          apiVersion: version,
          correlationId,
          resolve({ payload }) {
            settled()
            try {
              const { answer, throttled } = decodeAnswer(api, args, version, payload)
              if (throttled > 0) mutedUntil = Math.max(mutedUntil, systemClock.monotonic() + throttled)
              resolve(answer)
            } catch (cause) {
              reject(failures.malformed(broker, api.name, version, cause))
              die(toError(cause))
            }
          },
          reject(cause) {
            settled()
            reject(failures.lost(broker, api.name, death ?? cause, sockets.closed))
          },
        },
        expectResponse: true,
        requestTimeout: null,
        sendRequest: () => write(socket as Socket, frame),
      })
    })
  }

  async function login(): Promise<void> {
    const { sasl, requestTimeout } = settings
    if (sasl === null) return
    const late = new Error(`the broker did not answer the login within ${requestTimeout} ms`)
    const muted = Math.max(0, mutedUntil - systemClock.monotonic())
    const cancel = deadline(systemClock, muted + requestTimeout, () => die(late))
    pending += 1
    try {
      await connection.authenticate()
    } catch (cause) {
      const failure = failures.loginFailed(broker, toError(cause), death)
      die(failure)
      throw failure
    } finally {
      pending -= 1
      cancel()
    }
  }

  function lookForUse(): void {
    if (rested && pending === 0) {
      clearInterval(looking)
      death ??= new Error('the connection was not used')
      // Without an error, whose stack would be costly: nobody waits for an answer.
      socket?.destroy()
    }
    rested = true
  }

  async function connect(): Promise<void> {
    const { connectionTimeout } = settings
    const late = new Error(`no connection within ${connectionTimeout} ms`)
    const cancel = deadline(systemClock, connectionTimeout, () => die(late))
    try {
      await connection.connect()
    } finally {
      cancel()
    }
  }

  async function open(): Promise<ApiVersions> {
    await connect()
    const abilities = await send(apiVersions, undefined, apiVersions.max, settings.connectionTimeout)
    if (abilities.errorCode !== 0) throw failures.tooOld(broker, apiVersions, undefined)
    const versions = [...abilities.versions].map(([key, { min, max }]) => [key, { minVersion: min, maxVersion: max }])
    connection.setVersions(Object.fromEntries(versions))
    connection.setSupportAuthenticationProtocol(abilities.versions.has(saslAuthenticate))
    await login()
    return abilities
  }

  try {
    if (sockets.closed) throw new Error('the connections were closed')
    const abilities = await open()
    if (death === null) looking = setInterval(lookForUse, idle).unref()
    return {
      abilities,
      get alive() {
        return death === null
      },
      get loginDue() {
        return settings.sasl !== null && !connection.isAuthenticated()
      },
      login,
      send,
    }
  } catch (error) {
    const failure = failures.notOpened(broker, toError(error), death, settings, socket, sockets.closed)
    die(failure)
    throw failure
  }
}

const saslAuthenticate = 36

/**
 * A connection that is not used for one to two times this long is closed, ms: each shard has
 * several, and uses most of them at its start only. The next request opens another one.
 */
export const idle = 10_000

/** Longest delay of Node's timers, ms. */
const longestTimer = 2 ** 31 - 1

function write(socket: Socket, frame: readonly Buffer[]): void {
  socket.cork()
  for (const chunk of frame) socket.write(chunk)
  socket.uncork()
}

function ignore(): void {}
