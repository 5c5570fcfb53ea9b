CREATE TABLE found (
  auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` BIGINT, extra STRING,
  PRIMARY KEY (bidder, auction) NOT ENFORCED
) WITH (${sink});

INSERT INTO found
SELECT auction, bidder, price, channel, url, `dateTime`, extra
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY rowtime DESC) AS place FROM bid)
WHERE place <= 1;
