package rxweft.flink;

import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.operators.source.TimestampsAndWatermarks;
import org.apache.flink.util.clock.ManualClock;

/**
 * The event time logic of Flink's sources: a generator for each split, WatermarksWithIdleness around it where a timeout is given, and a
 * WatermarkOutputMultiplexer over all. A split exists from its first element on, or from its `assign`.
 */
final class SourcePlayer implements Player {
  private final ManualClock clock = new ManualClock(Duration.ofHours(1).toNanos());
  private final Said said = new Said();
  private final TimestampsAndWatermarks<Object> logic;
  private final ReaderOutput<Object> output;

  SourcePlayer(JsonNode operator) {
    var metrics = UnregisteredMetricGroups.createUnregisteredTaskMetricGroup().getIOMetricGroup();
    // An interval of 0 and no timer service: `periodicEmit` is an event of the scenario.
    logic = TimestampsAndWatermarks.createProgressiveEventTimeLogic(strategy(operator), metrics, null, 0, clock, clock, metrics);
    output = logic.createMainOutput(said, new NoListener());
  }

  @Override
  public List<JsonNode> play(JsonNode event) {
    String split = event.path("input").asText();
    switch (event.get("type").asText()) {
      case "assign" -> output.createOutputForSplit(split);
      case "element" -> output.createOutputForSplit(split).collect(event, event.get("timestamp").longValue());
      case "periodicEmit" -> logic.emitImmediateWatermark(0);
      case "clock" -> clock.advanceTime(Duration.ofMillis(event.get("advance").longValue()));
      case "finish" -> output.releaseOutputForSplit(split);
      default -> throw Player.unknown(event);
    }
    return said.take();
  }

  private static WatermarkStrategy<Object> strategy(JsonNode operator) {
    JsonNode described = operator.get("strategy");
    WatermarkStrategy<Object> strategy =
        switch (described.get("type").asText()) {
          case "ascending" -> WatermarkStrategy.forMonotonousTimestamps();
          case "boundedOutOfOrderness" ->
              WatermarkStrategy.forBoundedOutOfOrderness(Duration.ofMillis(described.get("bound").longValue()));
          default -> throw new IllegalArgumentException("no strategy is called " + described.get("type"));
        };
    if (!operator.has("idleTimeout")) return strategy;
    return strategy.withIdleness(Duration.ofMillis(operator.get("idleTimeout").longValue()));
  }

  private static final class NoListener implements TimestampsAndWatermarks.WatermarkUpdateListener {
    @Override
    public void updateIdle(boolean idle) {}

    @Override
    public void updateCurrentEffectiveWatermark(long watermark) {}

    @Override
    public void updateCurrentSplitWatermark(String split, long watermark) {}

    @Override
    public void splitFinished(String split) {}
  }
}
