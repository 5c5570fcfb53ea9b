CREATE TABLE found (auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` BIGINT, extra STRING) WITH (${sink});

INSERT INTO found SELECT auction, bidder, price, `dateTime`, extra FROM bid;
