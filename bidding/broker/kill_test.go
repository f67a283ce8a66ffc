package broker

const roleEnv = "BROKER_TEST_ROLE"

func child(string) int { return 2 }
