package com.example.start;

import io.github.pgpure.spring.PgTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Asks through the template, in a transaction. */
@Component
class Question {

    private final PgTemplate client;

    Question(PgTemplate client) {
        this.client = client;
    }

    @Transactional
    public int answer() {
        return client.fetchOne("select 42").getInt(0);
    }
}
