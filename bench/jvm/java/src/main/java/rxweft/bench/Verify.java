package rxweft.bench;

import java.util.HashMap;
import java.util.Map;

/** Compares a sink with the upper case of its source, record by record. Prints what it found as JSON. */
public final class Verify {
  public static void main(String[] args) throws Exception {
    Parent.watch();
    var options = new Options(args);
    if (!options.text("transform").equals("uppercase")) throw new IllegalArgumentException("transform: only uppercase");
    Map<Integer, Lane> lanes = new HashMap<>();
    try (var source = new Reading(options, options.text("source"), false)) {
      for (var one : source.partitions()) lanes.put(one.partition(), new Lane(one.partition(), source.length(one)));
      source.each(record -> lanes.get(record.partition()).expect(record.value()));
    }
    long records = 0, foreign = 0, undecided;
    var series = new Series();
    try (var sink = new Reading(options, options.text("sink"), true)) {
      undecided = sink.undecided();
      long[] counts = new long[2];
      sink.each(record -> {
        counts[0] += 1;
        series.add(record.timestamp());
        byte[] value = record.value();
        var lane = Label.is(value) ? lanes.get(Label.partition(value)) : null;
        if (lane == null || !lane.found(record)) counts[1] += 1;
      });
      records = counts[0];
      foreign = counts[1];
    }
    long expected = 0, missing = 0, doubled = 0, reordered = 0;
    for (var lane : lanes.values()) {
      expected += lane.expected();
      missing += lane.missing();
      doubled += lane.doubled();
      reordered += lane.reordered();
    }
    System.out.printf(
        "{\"records\":%d,\"expected\":%d,\"missing\":%d,\"doubled\":%d,\"reordered\":%d,\"foreign\":%d,\"undecided\":%d,\"series\":%s}%n",
        records, expected, missing, doubled, reordered, foreign, undecided, series);
  }

  private Verify() {}
}
