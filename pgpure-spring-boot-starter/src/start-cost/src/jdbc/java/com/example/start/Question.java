package com.example.start;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Asks through the template, in a transaction. */
@Component
class Question {

    private final JdbcTemplate client;

    Question(JdbcTemplate client) {
        this.client = client;
    }

    @Transactional
    public int answer() {
        return client.queryForObject("select 42", Integer.class);
    }
}
