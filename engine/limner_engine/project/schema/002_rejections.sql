-- Predictions that a person has rejected; undoable. They name the model, so another model's show.
CREATE TABLE rejection (
    video_id INTEGER NOT NULL REFERENCES video (id) DEFERRABLE INITIALLY DEFERRED,
    subject INTEGER NOT NULL REFERENCES subject (id) DEFERRABLE INITIALLY DEFERRED,
    model_id INTEGER NOT NULL REFERENCES model (id) DEFERRABLE INITIALLY DEFERRED,
    frame_index INTEGER NOT NULL,
    landmark INTEGER NOT NULL,                 -- of the project, as in annotation
    PRIMARY KEY (video_id, subject, model_id, frame_index, landmark)
) STRICT, WITHOUT ROWID;
