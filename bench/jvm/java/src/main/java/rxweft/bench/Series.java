package rxweft.bench;

import java.util.TreeMap;

/** How many records a topic had by when, by the append times of its broker: one point every 50 ms in which something was appended. */
final class Series {
  private static final long step = 50;

  /** By number of the step: the last append time in it, and the records. */
  private final TreeMap<Long, long[]> steps = new TreeMap<>();
  private long first = Long.MAX_VALUE;
  private long[] last;
  private long lastStep = Long.MIN_VALUE;

  void add(long time) {
    first = Math.min(first, time);
    // A batch has one append time, so most of them fall into the step of the one before.
    if (time / step != lastStep) {
      lastStep = time / step;
      last = steps.computeIfAbsent(lastStep, none -> new long[2]);
    }
    last[0] = Math.max(last[0], time);
    last[1] += 1;
  }

  /** JSON. Begins with [first append time, 0]: then the first point of a rate is there too. */
  @Override
  public String toString() {
    if (steps.isEmpty()) return "[]";
    var json = new StringBuilder("[[" + first + ",0]");
    long sum = 0;
    for (long[] one : steps.values()) {
      sum += one[1];
      json.append(",[").append(one[0]).append(',').append(sum).append(']');
    }
    return json.append(']').toString();
  }
}
