package com.example.start;

import org.springframework.stereotype.Component;

/** Has no database to ask. */
@Component
class Question {

    public int answer() {
        return 42;
    }
}
