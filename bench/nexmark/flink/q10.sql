CREATE TABLE found (auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` BIGINT, extra STRING, dt STRING, hm STRING) WITH (${sink});

INSERT INTO found
SELECT auction, bidder, price, `dateTime`, extra, DATE_FORMAT(rowtime, 'yyyy-MM-dd'), DATE_FORMAT(rowtime, 'HH:mm') FROM bid;
