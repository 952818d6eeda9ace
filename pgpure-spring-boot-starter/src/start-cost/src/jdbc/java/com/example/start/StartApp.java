package com.example.start;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Starts, asks the database one question in a transaction, says so, and ends. */
@SpringBootApplication
public class StartApp {

    public static void main(String[] args) {
        int status = 1;
        try {
            var context = SpringApplication.run(StartApp.class, args);
            System.out.println("READY " + context.getBean(Question.class).answer());
            status = 0;
        } finally {
            System.exit(status); // the web server's threads would go on
        }
    }

    @Component
    static class Question {
        private final JdbcTemplate client;

        Question(JdbcTemplate client) {
            this.client = client;
        }

        @Transactional
        public int answer() {
            return client.queryForObject("select 42", Integer.class);
        }
    }
}
