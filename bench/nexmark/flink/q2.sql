CREATE TABLE found (auction BIGINT, price BIGINT) WITH (${sink});

INSERT INTO found SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0;
