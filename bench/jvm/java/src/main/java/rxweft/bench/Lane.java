package rxweft.bench;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** One partition of the source, and what of it has come out. 8 bytes a record: a hash of what the value must be. */
final class Lane {
  private final int partition;
  private final long[] hashes;
  private final BitSet known = new BitSet();
  private final BitSet out = new BitSet();
  /** By partition of the sink, the highest number that came out there. */
  private final Map<Integer, Long> highest = new HashMap<>();
  /** By partition of the sink, how many without a key are in order there. */
  private final Map<Integer, Long> keyless = new HashMap<>();
  private long doubled = 0;
  private long reordered = 0;

  Lane(int partition, long length) {
    if (length > Integer.MAX_VALUE - 8) throw new IllegalArgumentException("too many records in partition " + partition);
    this.partition = partition;
    hashes = new long[(int) length];
  }

  void expect(byte[] value) {
    if (!Label.is(value) || Label.partition(value) != partition || Label.number(value) >= hashes.length) {
      throw new IllegalArgumentException("partition " + partition + " of the source has what feed did not write");
    }
    int number = (int) Label.number(value);
    if (known.get(number)) throw new IllegalArgumentException("partition " + partition + " was fed number " + number + " twice");
    known.set(number);
    hashes[number] = Hash.ofUpperCase(value);
  }

  /** False: there was no such record in the source. */
  boolean found(ConsumerRecord<byte[], byte[]> record) {
    long label = Label.number(record.value());
    if (label >= hashes.length || !known.get((int) label)) return false;
    int number = (int) label;
    if (hashes[number] != Hash.of(record.value())) return false;
    if (out.get(number)) doubled += 1;
    else inOrder(record, number);
    out.set(number);
    return true;
  }

  private void inOrder(ConsumerRecord<byte[], byte[]> record, long number) {
    if (number < highest.getOrDefault(record.partition(), -1L)) {
      reordered += 1;
      return;
    }
    highest.put(record.partition(), number);
    if (record.key() == null) keyless.merge(record.partition(), 1L, Long::sum);
  }

  long expected() {
    return known.cardinality();
  }

  long missing() {
    return known.cardinality() - out.cardinality();
  }

  long doubled() {
    return doubled;
  }

  /**
   * Behind a later one in their partition of the sink; or, without a key, in another partition than most of them, as between
   * partitions no order holds.
   */
  long reordered() {
    long all = 0, most = 0;
    for (long count : keyless.values()) {
      all += count;
      most = Math.max(most, count);
    }
    return reordered + all - most;
  }
}
