/**
 * Frames of requests and answers: size, header, correlation id. Headers have the versions of
 * flexible requests (KIP-482).
 */
import type { Api } from '../protocol/api.ts'
import { apiVersions } from '../protocol/apiVersions.ts'
import { reader } from '../protocol/reader.ts'
import { writer } from '../protocol/writer.ts'

/** The request as written to the socket, with its record batches by reference. */
export function encodeRequest<A, R>(
  api: Api<A, R>,
  args: A,
  version: number,
  correlationId: number,
  clientId: string,
): readonly Buffer[] {
  const to = writer()
  to.int16(api.key)
  to.int16(version)
  to.int32(correlationId)
  to.shortString(clientId)
  to.tags()
  api.encode(to, args, version)
  return to.frame()
}

/** Opens an answer from the socket. */
export function openAnswer(answer: Buffer) {
  return { size: answer.readInt32BE(0), correlationId: answer.readInt32BE(4), payload: answer.subarray(8) }
}

/** @param payload bytes after size and correlation id */
export function decodeAnswer<A, R>(
  api: Api<A, R>,
  args: A,
  version: number,
  payload: Buffer,
): { readonly answer: R; readonly throttled: number } {
  const from = reader(payload)
  if (api.key !== apiVersions.key) from.tags()
  const answer = api.decode(from, version, args)
  return { answer, throttled: from.throttled }
}
