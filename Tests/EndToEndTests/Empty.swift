// Until the first source of this target arrives.
