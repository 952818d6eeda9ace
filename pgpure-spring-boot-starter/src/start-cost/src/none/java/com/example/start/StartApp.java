package com.example.start;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.stereotype.Component;

/** Starts, has no database to ask, says so, and ends. */
@SpringBootApplication
public class StartApp {

    public static void main(String[] args) {
        var context = SpringApplication.run(StartApp.class, args);
        System.out.println("READY " + context.getBean(Question.class).answer());
        System.exit(0);
    }

    @Component
    static class Question {
        public int answer() {
            return 42;
        }
    }
}
