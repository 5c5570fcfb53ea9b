package rxweft.flink;

import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Registers or deletes a timer at the value of each element, and tells which timer fires and what the watermark is by then. */
final class EventTimers extends KeyedProcessFunction<String, Tuple3<String, Long, Boolean>, String> {
  /** A timer that fires registers the next one this much later, but none after `until`. 0: it does not. */
  private final long every;
  private final long until;

  EventTimers(JsonNode operator) {
    every = operator.path("repeat").path("every").longValue();
    until = operator.path("repeat").path("until").longValue();
  }

  @Override
  public void processElement(Tuple3<String, Long, Boolean> element, Context context, Collector<String> out) {
    if (element.f2) context.timerService().deleteEventTimeTimer(element.f1);
    else context.timerService().registerEventTimeTimer(element.f1);
  }

  @Override
  public void onTimer(long timer, OnTimerContext context, Collector<String> out) {
    var fired = Json.object().put("key", context.getCurrentKey()).put("value", timer);
    fired.set("watermark", Json.time(context.timerService().currentWatermark()));
    out.collect(fired.toString());
    if (every > 0 && timer + every <= until) context.timerService().registerEventTimeTimer(timer + every);
  }
}
