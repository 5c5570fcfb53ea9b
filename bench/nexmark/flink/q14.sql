CREATE TABLE found (
  auction BIGINT, bidder BIGINT, price DECIMAL(23, 3), bidTimeType STRING, `dateTime` BIGINT, extra STRING, c_counts BIGINT
) WITH (${sink});

INSERT INTO found
SELECT
  auction, bidder, 0.908 * price,
  CASE
    WHEN HOUR(rowtime) >= 8 AND HOUR(rowtime) <= 18 THEN 'dayTime'
    WHEN HOUR(rowtime) <= 6 OR HOUR(rowtime) >= 20 THEN 'nightTime'
    ELSE 'otherTime'
  END,
  `dateTime`, extra, CHAR_LENGTH(extra) - CHAR_LENGTH(REPLACE(extra, 'c', ''))
FROM bid
WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000;
