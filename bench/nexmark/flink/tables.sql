CREATE TABLE events (
  event_type INT,
  person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, `dateTime` BIGINT, extra STRING>,
  auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, `dateTime` BIGINT, expires BIGINT, seller BIGINT, category BIGINT, extra STRING>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` BIGINT, extra STRING>,
  rowtime AS CAST(TO_TIMESTAMP_LTZ(COALESCE(bid.`dateTime`, auction.`dateTime`, person.`dateTime`), 3) AS TIMESTAMP(3)),
  WATERMARK FOR rowtime AS rowtime - INTERVAL '4' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = '${source}',
  'properties.bootstrap.servers' = '${brokers}',
  'properties.group.id' = '${id}',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = 'latest-offset',
  'format' = 'json'${sourceTuning}
);

CREATE VIEW person AS
SELECT person.id, person.name, person.city, person.state, person.`dateTime`, rowtime FROM events WHERE event_type = 0;

CREATE VIEW auction AS
SELECT auction.id, auction.itemName, auction.description, auction.initialBid, auction.reserve, auction.`dateTime`, auction.expires, auction.seller, auction.category, auction.extra, rowtime
FROM events WHERE event_type = 1;

CREATE VIEW bid AS
SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, bid.`dateTime`, bid.extra, rowtime FROM events WHERE event_type = 2;
